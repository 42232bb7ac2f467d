/* fuzz_packet.c - any bytes as a packet whose essence is hashed: what counts lies inside it, in order, and is no more than it.
 * Input: a byte for the codec, one for the size of the lengths, then the packet; the same bytes are a track's header, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/container_size.h"
#include "media/essence_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	const uint8_t *packet;
	size_t len, inside;
	const uint8_t *last; /* end of what came before */
	unsigned sum;
};

static void take(void *context, const void *data, size_t len)
{
	struct heard *h = context;
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++)
		h->sum += at[i];
	if (at < h->packet || at > h->packet + h->len)
		return; /* a length */
	if (at < h->last || len > (size_t)(h->packet + h->len - at))
		abort();
	h->last = at + len;
	h->inside += len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct essence_form form;
	struct heard heard = { 0 };
	uint8_t *packet;

	if (size < 2)
		return 0;
	form = (struct essence_form){ (enum essence_kind)(data[0] % 4), data[1] % 5 };
	size -= 2;
	packet = malloc(size ? size : 1); /* exact, so that the sanitizer sees a byte too far */
	if (!packet)
		abort();
	memcpy(packet, data + 2, size);
	if (essence_length_size(form.kind, packet, size) > 4 || container_size(packet, size) < 0)
		abort();
	heard.packet = heard.last = packet;
	heard.len = size;
	if (essence_packet(&form, packet, size, take, &heard) != (int64_t)heard.inside || heard.inside > size)
		abort();
	free(packet);
	return 0;
}
