/* nvenc.c - libnvidia-encode.so.1, whose chip is chip.c, so that h264_nvenc of the real libavcodec runs on a machine without an
 * NVIDIA card. Parameter sets and slices are x264's; each picture is ready when it was sent, as without B pictures. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <ffnvcodec/nvEncodeAPI.h>

#include "drivers/chip.h"

#define PITCH(width) (((width) + 127u) & ~127u)
#define OLD_VERSION (9u << 4)

struct session {
	struct chip *chip;
	bool delimiters;
	unsigned width, height;
	int64_t pictures;
};

struct surface {
	unsigned pitch, height;
	uint8_t *data;
};

struct stream {
	uint8_t *data;
	size_t len;
	bool key;
	uint64_t stamp;
};

static NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS *params, void **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!params->device || !s) {
		free(s);
		return NV_ENC_ERR_INVALID_DEVICE;
	}
	s->chip = chip_open();
	if (!s->chip) {
		free(s);
		return NV_ENC_ERR_OUT_OF_MEMORY; /* what a card says that has no session left */
	}
	*ret = s;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS destroy(void *encoder)
{
	struct session *s = encoder;

	chip_close(s->chip);
	free(s);
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS guid_count(void *encoder, uint32_t *ret)
{
	(void)encoder;
	*ret = 1;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS guids(void *encoder, GUID *list, uint32_t size, uint32_t *ret)
{
	(void)encoder;
	*ret = size ? 1 : 0;
	if (size)
		list[0] = NV_ENC_CODEC_H264_GUID;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS caps(void *encoder, GUID guid, NV_ENC_CAPS_PARAM *params, int *ret)
{
	(void)encoder;
	(void)guid;
	switch (params->capsToQuery) {
	case NV_ENC_CAPS_WIDTH_MAX:
	case NV_ENC_CAPS_HEIGHT_MAX:
		*ret = 4096;
		break;
	case NV_ENC_CAPS_SUPPORT_CABAC:
		*ret = 1;
		break;
	default:
		*ret = 0;
	}
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS preset(void *encoder, GUID guid, GUID wanted, NV_ENC_TUNING_INFO tuning, NV_ENC_PRESET_CONFIG *ret)
{
	(void)encoder;
	(void)guid;
	(void)wanted;
	(void)tuning;
	ret->presetCfg.gopLength = NVENC_INFINITE_GOPLENGTH;
	ret->presetCfg.frameIntervalP = 1;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS old_preset(void *encoder, GUID guid, GUID wanted, NV_ENC_PRESET_CONFIG *ret)
{
	return preset(encoder, guid, wanted, NV_ENC_TUNING_INFO_HIGH_QUALITY, ret);
}

static NVENCSTATUS initialize(void *encoder, NV_ENC_INITIALIZE_PARAMS *params)
{
	struct session *s = encoder;
	const NV_ENC_CONFIG *c = params->encodeConfig;
	const NV_ENC_CONFIG_H264 *h264 = &c->encodeCodecConfig.h264Config;
	struct chip_setup setup = { .width = (int)params->encodeWidth,
				    .height = (int)params->encodeHeight,
				    .fps_num = (int)params->frameRateNum,
				    .fps_den = (int)params->frameRateDen,
				    .level = h264->level ? (int)h264->level : 62, /* it chooses by itself: not what was meant */
				    .qp = c->rcParams.targetQuality ? c->rcParams.targetQuality : 26 };

	if (c->frameIntervalP != 1 || !h264->repeatSPSPPS || !chip_set_up(s->chip, &setup))
		return NV_ENC_ERR_INVALID_PARAM;
	s->delimiters = h264->outputAUD && !chip_told("own", NULL);
	s->width = params->encodeWidth;
	s->height = params->encodeHeight;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS create_input(void *encoder, NV_ENC_CREATE_INPUT_BUFFER *params)
{
	struct surface *s = calloc(1, sizeof(*s));

	(void)encoder;
	if (!s || params->bufferFmt != NV_ENC_BUFFER_FORMAT_YV12) {
		free(s);
		return NV_ENC_ERR_UNSUPPORTED_PARAM;
	}
	s->pitch = PITCH(params->width);
	s->height = params->height;
	s->data = calloc(2, (size_t)s->pitch * (s->height + 1));
	params->inputBuffer = s;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS destroy_input(void *encoder, NV_ENC_INPUT_PTR input)
{
	(void)encoder;
	free(((struct surface *)input)->data);
	free(input);
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS lock_input(void *encoder, NV_ENC_LOCK_INPUT_BUFFER *params)
{
	const struct surface *s = params->inputBuffer;

	(void)encoder;
	params->bufferDataPtr = s->data;
	params->pitch = s->pitch;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS unlock(void *encoder, void *buffer)
{
	(void)encoder;
	(void)buffer;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS create_stream(void *encoder, NV_ENC_CREATE_BITSTREAM_BUFFER *params)
{
	(void)encoder;
	params->bitstreamBuffer = calloc(1, sizeof(struct stream));
	return params->bitstreamBuffer ? NV_ENC_SUCCESS : NV_ENC_ERR_OUT_OF_MEMORY;
}

static NVENCSTATUS destroy_stream(void *encoder, NV_ENC_OUTPUT_PTR stream)
{
	(void)encoder;
	free(((struct stream *)stream)->data);
	free(stream);
	return NV_ENC_SUCCESS;
}

/* YV12 has V before U; the chip wants them by turns. */
static uint8_t *chroma_of(const struct surface *s, unsigned width)
{
	size_t half = s->pitch / 2;
	const uint8_t *v = s->data + (size_t)s->pitch * s->height, *u = v + half * ((s->height + 1) / 2);
	uint8_t *made = malloc((size_t)s->pitch * ((s->height + 1) / 2));

	if (!made)
		abort();
	for (size_t y = 0; y < (s->height + 1) / 2; y++)
		for (size_t x = 0; x < (width + 1) / 2; x++) {
			made[y * s->pitch + 2 * x] = u[y * half + x];
			made[y * s->pitch + 2 * x + 1] = v[y * half + x];
		}
	return made;
}

static bool take_output(const struct session *s, struct stream *to)
{
	static const uint8_t delimiter[] = { 0, 0, 0, 1, 9, 0xF0 };
	size_t head = s->delimiters ? sizeof(delimiter) : 0, len;
	const uint8_t *data;
	int64_t number;

	if (!chip_output(s->chip, &data, &len, &number, &to->key))
		return false;
	free(to->data);
	to->len = head + len;
	to->data = malloc(to->len);
	if (!to->data)
		abort();
	memcpy(to->data, delimiter, head);
	memcpy(to->data + head, data, len);
	return true;
}

static NVENCSTATUS encode(void *encoder, NV_ENC_PIC_PARAMS *params)
{
	struct session *s = encoder;
	const struct surface *in = params->inputBuffer;
	struct stream *out = params->outputBitstream;
	struct chip_picture picture;
	uint8_t *chroma;
	bool good;

	if (params->encodePicFlags & NV_ENC_PIC_FLAG_EOS)
		return NV_ENC_SUCCESS;
	chroma = chroma_of(in, s->width);
	picture = (struct chip_picture){ .luma = in->data,
					 .chroma = chroma,
					 .pitch = (int)in->pitch,
					 .number = s->pictures++,
					 .key = s->pictures == 1 || params->encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR };
	out->stamp = params->inputTimeStamp;
	good = chip_input(s->chip, &picture) && take_output(s, out);
	free(chroma);
	return good ? NV_ENC_SUCCESS : NV_ENC_ERR_GENERIC;
}

static NVENCSTATUS lock_stream(void *encoder, NV_ENC_LOCK_BITSTREAM *params)
{
	const struct stream *s = params->outputBitstream;

	(void)encoder;
	params->bitstreamBufferPtr = s->data;
	params->bitstreamSizeInBytes = (uint32_t)s->len;
	params->outputTimeStamp = s->stamp;
	params->pictureType = s->key ? NV_ENC_PIC_TYPE_IDR : NV_ENC_PIC_TYPE_P;
	params->frameAvgQP = 26;
	return NV_ENC_SUCCESS;
}

static NVENCSTATUS streams(void *encoder, NV_ENC_CUSTREAM_PTR in, NV_ENC_CUSTREAM_PTR out)
{
	(void)encoder;
	(void)in;
	(void)out;
	return NV_ENC_SUCCESS;
}

static const char *last_error(void *encoder)
{
	(void)encoder;
	return "the test asked for it";
}

NVENCSTATUS NVENCAPI NvEncodeAPIGetMaxSupportedVersion(uint32_t *version)
{
	*version = chip_told("old", NULL) ? OLD_VERSION : NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;
	return NV_ENC_SUCCESS;
}

NVENCSTATUS NVENCAPI NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST *list)
{
	*list = (NV_ENCODE_API_FUNCTION_LIST){ .version = list->version,
					       .nvEncOpenEncodeSessionEx = open_session,
					       .nvEncDestroyEncoder = destroy,
					       .nvEncGetEncodeGUIDCount = guid_count,
					       .nvEncGetEncodeGUIDs = guids,
					       .nvEncGetEncodeCaps = caps,
					       .nvEncGetEncodePresetConfig = old_preset,
					       .nvEncGetEncodePresetConfigEx = preset,
					       .nvEncInitializeEncoder = initialize,
					       .nvEncCreateInputBuffer = create_input,
					       .nvEncDestroyInputBuffer = destroy_input,
					       .nvEncCreateBitstreamBuffer = create_stream,
					       .nvEncDestroyBitstreamBuffer = destroy_stream,
					       .nvEncEncodePicture = encode,
					       .nvEncLockBitstream = lock_stream,
					       .nvEncUnlockBitstream = unlock,
					       .nvEncLockInputBuffer = lock_input,
					       .nvEncUnlockInputBuffer = unlock,
					       .nvEncGetLastErrorString = last_error,
					       .nvEncSetIOCudaStreams = streams };
	return NV_ENC_SUCCESS;
}
