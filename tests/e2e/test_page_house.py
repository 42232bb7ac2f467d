"""The page in a house as it is: a station that is stopped while somebody types, more pages open than a browser has lines for,
a channel without titles, numbers of five digits."""
import json, time, unittest

import test_page

BESIDE = 60  # seconds; see tools/check.py


class House(test_page.Watched):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.add_channel(23456, "Empty", "--kind", "podcast", "--profile", "480p")
        cls.open("/")

    def alerts(self):
        return [alert["text"] for alert in self.server.json("/api/alerts")["items"]]

    def test_what_is_typed_outlasts_the_station(self):
        before = self.alerts()
        self.viewer.do("go /activity", "reads Break in", "fill What shall stand on the screen?=Dinner will be late")
        self.server.stop(hard=True)
        self.viewer.do("reads The station does not answer. Trying again.", "reads not known", "click Put it on the air", "reads nothing was changed")
        self.server.start()
        self.viewer.do("lost The station does not answer. Trying again.", "reads on the air")
        self.assertEqual(self.viewer.do("value What shall stand on the screen?")["value"], "Dinner will be late")
        self.viewer.do("click Put it on the air", "click Take it off")
        self.assertEqual(sorted(self.alerts()), sorted([*before, "Dinner will be late"]))

    def test_what_is_typed_outlasts_a_look_into_another_room(self):
        self.viewer.do("go /station", "click New channel", "fill Name=Half a name", "click Library", "reads titles", "click Station", "click New channel")
        self.assertEqual(self.viewer.do("value Name")["value"], "Half a name")
        self.viewer.do("click Put it on the air", "reads Half a name is a channel", "click All channels", "click New channel")
        self.assertEqual(self.viewer.do("value Name")["value"], "")

    def test_nothing_to_play_is_said(self):
        self.viewer.do("go /", "reads Nothing to play yet", "go /station", "reads nothing to play", "go /activity", "reads nothing to play")
        self.viewer.do("go /watch/23456", "reads No title in the library is what this channel plays.", "click See what it plays", "stands ^/station/")
        self.viewer.do("go /guide", "reads Nothing planned")

    def test_long_words_do_not_widen_a_phone(self):
        alert = json.dumps({"text": "Dinner is ready, and everybody is asked to come to the kitchen at once", "for_ms": 1000}).encode()
        self.assertEqual(self.server.request("/api/alerts", "POST", {"content-type": "application/json"}, alert)[0], 201)
        phone = test_page.Viewer(f"{self.server.url}/activity", "phone")
        self.addCleanup(phone.close)
        phone.do("reads over")
        for path, word in (("/activity", "over"), ("/", "Empty"), ("/guide", "Today"), ("/watch/23456", "See what it plays"), ("/station", "New channel")):
            self.assertEqual(phone.do(f"go {path}", f"reads {word}", "wide")["over"], 0, path)

    def test_a_number_of_five_digits_is_dialled(self):
        self.viewer.do("go /", "reads One", *(f"key {digit}" for digit in "23456"), "stands ^/watch/23456$")

    def test_more_pages_than_a_browser_has_lines(self):
        self.viewer.do("go /", "reads One", "beside 7 /station", "go /library", "reads titles")

    def test_what_happened_unseen_is_caught_up_with(self):
        self.viewer.do("go /library/collections", "reads Collections", "unseen")
        time.sleep(3)
        self.server.request("/api/collections", "POST", {"content-type": "application/json"}, json.dumps({"name": "Made meanwhile"}).encode())
        time.sleep(1)
        self.viewer.do("seen", "reads Made meanwhile")


if __name__ == "__main__":
    unittest.main()
