/* tuner.c - see tuner.h. */
#include "server/tuner.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "server/hdhomerun.h"
#include "store/settings.h"

#define SETTING_ID "tuner.device_id"
#define SETTING_UUID "tuner.uuid"

static int random_bytes(void *to, size_t len, struct err *err)
{
	/* Up to 256 bytes come whole. */
	if (getrandom(to, len, 0) != (ssize_t)len)
		return err_errno(err, "get random numbers for the tuner's id");
	return 0;
}

static bool parse_id(const char *text, uint32_t *ret)
{
	char *end;

	if (!text || strlen(text) != 8)
		return false;
	*ret = (uint32_t)strtoul(text, &end, 16);
	return !*end && hdhomerun_id_valid(*ret);
}

static bool uuid_ok(const char *text)
{
	if (!text || strlen(text) != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

static int load_id(struct db *db, struct arena *arena, uint32_t *ret, struct err *err)
{
	const char *text;
	char made[9];
	uint32_t random;
	int rc = settings_get(db, SETTING_ID, arena, &text, err);

	if (rc < 0 || parse_id(text, ret))
		return rc;
	if ((rc = random_bytes(&random, sizeof(random), err)) < 0)
		return rc;
	*ret = hdhomerun_id_make(random);
	snprintf(made, sizeof(made), "%08X", *ret);
	return settings_set(db, SETTING_ID, made, err);
}

/* Version 4, RFC 9562 5.4. */
static int load_uuid(struct db *db, struct arena *arena, char to[37], struct err *err)
{
	const char *text;
	uint8_t b[16];
	int rc = settings_get(db, SETTING_UUID, arena, &text, err);

	if (rc >= 0 && uuid_ok(text)) {
		memcpy(to, text, 37);
		return 0;
	}
	if (rc < 0 || (rc = random_bytes(b, sizeof(b), err)) < 0)
		return rc;
	b[6] = (uint8_t)((b[6] & 0x0F) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
	snprintf(to, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return settings_set(db, SETTING_UUID, to, err);
}

int tuner_load(struct db *writer, struct tuner *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct tuner tuner = { 0 };
	XXH128_hash_t hash;
	int rc;

	db_lock(writer);
	rc = load_id(writer, &arena, &tuner.id, err);
	if (rc >= 0)
		rc = load_uuid(writer, &arena, tuner.uuid, err);
	db_unlock(writer);
	if (rc < 0)
		return err_under(err, "who this tuner is");
	hash = XXH3_128bits(tuner.uuid, 36);
	snprintf(tuner.auth, sizeof(tuner.auth), "%016llx%08llx", (unsigned long long)hash.high64,
		 (unsigned long long)(hash.low64 & 0xFFFFFFFF));
	tuner.tuners = ret->tuners;
	*ret = tuner;
	return 0;
}
