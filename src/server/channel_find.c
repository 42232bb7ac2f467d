/* channel_find.c - see channel_find.h. */
#include "server/channel_find.h"

#include <limits.h>

#include "server/parts.h"

int channel_find(struct http_request *req, struct channel *ret, struct db **ret_db, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int rc;

	if (!db)
		return -(int)err->code;
	if (req->param[0] > INT_MAX)
		return err_set(err, ERR_NOT_FOUND, "there is no channel %lld", (long long)req->param[0]);
	rc = channels_by_number(db, (int)req->param[0], &req->arena, ret, err);
	if (rc < 0)
		return rc;
	if (!ret->enabled)
		return err_set(err, ERR_NOT_FOUND, "channel %d is off", ret->number);
	*ret_db = db;
	return 0;
}

int channel_not_yet(const struct channel *channel, struct err *err)
{
	if (err)
		err_clear(err);
	return err_set(err, ERR_BUSY, "channel %d is not on the air yet; its timeline is being built",
		       channel->number);
}
