/* announce.c - see announce.h. */
#include "server/announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/hdhomerun.h"
#include "server/ssdp.h"

#define LINKS_MAX 64
#define DATAGRAM_MAX 2048
#define DATAGRAMS_A_TURN 32
#define LOOK_NS (60 * CLOCK_SECOND) /* for networks that came */
#define NOTIFY_NS (SSDP_MAX_AGE / 2 * CLOCK_SECOND)
#define HOPS 2 /* UPnP Device Architecture 1.0, 1.1 */

struct link { /* an address of this machine */
	struct in_addr address, mask;
	unsigned index; /* of its interface */
	bool multicast; /* told and listened to there */
};

struct announce {
	struct tuner tuner;
	char url[300];
	int http_port;
	bool loopback;
	int discover_fd, ssdp_fd, stop_fd;
	struct link links[LINKS_MAX];
	size_t link_count;
	int64_t look_ns, notify_ns; /* boot clock: when it is due */
	bool running;
	pthread_t thread;
};

struct datagram {
	char data[DATAGRAM_MAX];
	size_t len;
	struct sockaddr_in from;
	struct in_addr to; /* our address on the way it came */
};

/* ---- sockets ---- */

static int bound_port(int fd)
{
	struct sockaddr_in bound = { 0 };
	socklen_t len = sizeof(bound);

	return fd >= 0 && getsockname(fd, (struct sockaddr *)&bound, &len) == 0 ? ntohs(bound.sin_port) : 0;
}

/* -1, and a line in the log, when it cannot be had. SSDP's port is shared by all who speak it. */
static int open_udp(const struct announce *announce, int port, bool shared)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, hops = HOPS;

	to.sin_addr.s_addr = htonl(announce->loopback ? INADDR_LOOPBACK : INADDR_ANY);
	if (fd >= 0 && shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		log_warning("tuner",
			    "listen on UDP port %d: %s; programs that look for a tuner there do not find "
			    "this one",
			    port, strerror(errno));
		cleanup_fd(&fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof(hops));
	return fd;
}

static bool receive(int fd, struct datagram *ret)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct iovec part = { ret->data, sizeof(ret->data) };
	struct msghdr message = { .msg_name = &ret->from,
				  .msg_namelen = sizeof(ret->from),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &message, 0);

	if (n < 0)
		return false;
	ret->len = message.msg_flags & MSG_TRUNC ? 0 : (size_t)n;
	ret->to.s_addr = htonl(INADDR_LOOPBACK);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			ret->to = info.ipi_spec_dst;
		}
	}
	return true;
}

/* From the address that was asked: clients compare. */
static void answer(int fd, const struct datagram *question, const struct buf *text)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct in_pktinfo info = { .ipi_spec_dst = question->to };
	struct sockaddr_in to = question->from;
	struct iovec part = { text->data, text->len };
	struct msghdr message = { .msg_name = &to,
				  .msg_namelen = sizeof(to),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	if (text->failed || !text->len)
		return;
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	(void)sendmsg(fd, &message, MSG_NOSIGNAL); /* nobody is owed an answer by UDP */
}

/* ---- networks ---- */

static bool is_private(uint32_t a)
{
	return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xAC1 || a >> 16 == 0xC0A8 || a >> 16 == 0xA9FE;
}

static bool is_near(const struct announce *announce, struct in_addr from)
{
	for (size_t i = 0; i < announce->link_count; i++)
		if (((from.s_addr ^ announce->links[i].address.s_addr) & announce->links[i].mask.s_addr) == 0)
			return true;
	return is_private(ntohl(from.s_addr));
}

/* Hears SSDP's group there; true when it did not before. */
static bool join(const struct announce *announce, const struct link *link)
{
	struct ip_mreqn group = { .imr_ifindex = (int)link->index };

	inet_pton(AF_INET, SSDP_GROUP, &group.imr_multiaddr);
	return announce->ssdp_fd >= 0 &&
	       setsockopt(announce->ssdp_fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) == 0;
}

/* The addresses that there are now; true when SSDP should be told on a new one. */
static bool look(struct announce *announce)
{
	struct ifaddrs *all, *at;
	bool came = false;

	if (getifaddrs(&all) < 0)
		return false;
	announce->link_count = 0;
	for (at = all; at && announce->link_count < LINKS_MAX; at = at->ifa_next) {
		struct link *link = &announce->links[announce->link_count];
		bool loopback = at->ifa_flags & IFF_LOOPBACK;

		if (!at->ifa_addr || !at->ifa_netmask || at->ifa_addr->sa_family != AF_INET ||
		    !(at->ifa_flags & IFF_UP) || loopback != announce->loopback)
			continue;
		link->address = ((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr;
		link->mask = ((const struct sockaddr_in *)(const void *)at->ifa_netmask)->sin_addr;
		link->index = if_nametoindex(at->ifa_name);
		link->multicast = loopback || (at->ifa_flags & IFF_MULTICAST);
		announce->link_count++;
		if (link->multicast && join(announce, link))
			came = true;
	}
	freeifaddrs(all);
	return came;
}

static void base_url(const struct announce *announce, struct in_addr address, char *to, size_t size)
{
	char text[INET_ADDRSTRLEN];

	if (*announce->url)
		snprintf(to, size, "%s", announce->url);
	else
		snprintf(to, size, "http://%s:%d", inet_ntop(AF_INET, &address, text, sizeof(text)),
			 announce->http_port);
}

/* ---- what is said ---- */

static void notify_link(const struct announce *announce, const struct link *link, bool alive)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SSDP_PORT) };
	struct ip_mreqn way = { .imr_address = link->address, .imr_ifindex = (int)link->index };
	char url[300];

	inet_pton(AF_INET, SSDP_GROUP, &to.sin_addr);
	if (setsockopt(announce->ssdp_fd, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof(way)) < 0)
		return;
	base_url(announce, link->address, url, sizeof(url));
	for (unsigned target = SSDP_ROOT; target & SSDP_ALL; target <<= 1) {
		CLEANUP(buf_free) struct buf text = { 0 };

		ssdp_write_notify(&text, target, announce->tuner.uuid, alive ? url : NULL);
		(void)sendto(announce->ssdp_fd, text.data, text.len, MSG_NOSIGNAL, (struct sockaddr *)&to,
			     sizeof(to));
	}
}

static void notify(const struct announce *announce, bool alive)
{
	for (size_t i = 0; announce->ssdp_fd >= 0 && i < announce->link_count; i++)
		if (announce->links[i].multicast)
			notify_link(announce, &announce->links[i], alive);
}

static void hear_discover(const struct announce *announce, const struct datagram *question)
{
	struct hdhomerun_device device = { .id = announce->tuner.id,
					   .tuners = (uint8_t)announce->tuner.tuners,
					   .auth = announce->tuner.auth };
	CLEANUP(buf_free) struct buf packet = { 0 };
	char url[300], lineup[320];

	if (!hdhomerun_asks_for((const uint8_t *)question->data, question->len, device.id))
		return;
	base_url(announce, question->to, url, sizeof(url));
	snprintf(lineup, sizeof(lineup), "%s/lineup.json", url);
	device.base_url = url;
	device.lineup_url = lineup;
	hdhomerun_write_answer(&packet, &device);
	answer(announce->discover_fd, question, &packet);
}

/* At once and not after a time by chance up to MX: we are one device that is three things, no crowd. */
static void hear_ssdp(const struct announce *announce, const struct datagram *question)
{
	unsigned targets = ssdp_searched(question->data, question->len, announce->tuner.uuid);
	char url[300];

	base_url(announce, question->to, url, sizeof(url));
	for (unsigned target = SSDP_ROOT; target & SSDP_ALL; target <<= 1) {
		CLEANUP(buf_free) struct buf text = { 0 };

		if (!(targets & target))
			continue;
		ssdp_write_answer(&text, target, announce->tuner.uuid, url);
		answer(announce->ssdp_fd, question, &text);
	}
}

/* ---- the thread ---- */

static void hear(const struct announce *announce, int fd,
		 void (*heard)(const struct announce *announce, const struct datagram *question))
{
	struct datagram question;

	for (int i = 0; i < DATAGRAMS_A_TURN && receive(fd, &question); i++)
		if (question.len && question.from.sin_port && is_near(announce, question.from.sin_addr))
			heard(announce, &question);
}

/* What the clock asks for; ms until the next time. */
static int look_and_notify(struct announce *announce)
{
	int64_t now = clock_boot_ns();
	bool came = false;

	if (now >= announce->look_ns) {
		came = look(announce);
		announce->look_ns = now + LOOK_NS;
	}
	if (came || now >= announce->notify_ns) {
		notify(announce, true);
		announce->notify_ns = now + NOTIFY_NS;
	}
	return (int)((announce->look_ns - now) / CLOCK_MS) + 1;
}

static void *run(void *context)
{
	struct announce *announce = context;
	struct pollfd fds[3] = { { .fd = announce->stop_fd, .events = POLLIN },
				 { .fd = announce->discover_fd, .events = POLLIN },
				 { .fd = announce->ssdp_fd, .events = POLLIN } };

	for (;;) {
		int wait_ms = look_and_notify(announce);

		if (poll(fds, 3, wait_ms) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			break;
		if (fds[1].revents)
			hear(announce, announce->discover_fd, hear_discover);
		if (fds[2].revents)
			hear(announce, announce->ssdp_fd, hear_ssdp);
	}
	notify(announce, false);
	return NULL;
}

struct announce *announce_start(const struct announce_config *config)
{
	struct announce *announce = calloc(1, sizeof(*announce));

	if (!announce)
		abort();
	announce->tuner = *config->tuner;
	announce->http_port = config->http_port;
	announce->loopback = config->loopback;
	snprintf(announce->url, sizeof(announce->url), "%s", config->url ? config->url : "");
	announce->discover_fd = open_udp(announce, config->discover_port, false);
	announce->ssdp_fd = open_udp(announce, config->ssdp_port, true);
	announce->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (announce->stop_fd < 0 || (announce->discover_fd < 0 && announce->ssdp_fd < 0))
		return announce;
	if (pthread_create(&announce->thread, NULL, run, announce) != 0)
		abort();
	pthread_setname_np(announce->thread, "announce");
	announce->running = true;
	return announce;
}

void announce_stop(struct announce *announce)
{
	uint64_t one = 1;

	if (!announce)
		return;
	if (announce->running) {
		while (write(announce->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(announce->thread, NULL);
	}
	cleanup_fd(&announce->discover_fd);
	cleanup_fd(&announce->ssdp_fd);
	cleanup_fd(&announce->stop_fd);
	free(announce);
}

int announce_discover_port(const struct announce *announce)
{
	return bound_port(announce->discover_fd);
}

int announce_ssdp_port(const struct announce *announce)
{
	return bound_port(announce->ssdp_fd);
}
