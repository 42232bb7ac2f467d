/* What the AAC encoder makes of a sound: no peak that was not in it, so that what the limiter holds down stays down. */
#include "lib/testlib.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "base/cleanup.h"
#include "stream/encode_aac.h"
#include "stream/encode_limit.h"

#define RATE 48000
#define FRAMES 564 /* 12 s */
#define COUNT ((ENCODE_AAC_LEAD + FRAMES + ENCODE_AAC_AFTER) * 1024)

/* Bells, struck one after the other: partials that fade, far apart, each at another place in the middle. */
static void bells(unsigned random, float *left, float *right)
{
	static const float partials[] = { 1, 2.01f, 2.83f, 4.17f, 5.43f };

	memset(left, 0, sizeof(*left) * COUNT);
	memset(right, 0, sizeof(*right) * COUNT);
	for (size_t at = 3000; at + RATE < COUNT; at += 6000 + (random >> 20)) {
		float pitch, place;

		random = random * 1103515245 + 12345;
		pitch = 300 + (float)(random >> 16 & 1023);
		place = (float)(random >> 8 & 255) / 255;
		for (size_t i = 0; i < RATE; i++) {
			float t = (float)i / RATE, value = 0;

			for (size_t p = 0; p < ARRAY_LEN(partials); p++)
				value += sinf(2 * (float)M_PI * pitch * partials[p] * t) * expf(-t * (3 + 2 * (float)p)) / (float)(p + 1);
			left[at + i] += 0.5f * value * (1 - place);
			right[at + i] += 0.5f * value * place;
		}
	}
}

static size_t decode(const struct encode_units *units, float *left, float *right)
{
	static const uint8_t stereo_48[] = { 0x11, 0x90 }; /* AudioSpecificConfig: LC, 48 kHz, two channels */
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
	AVCodecContext *c = avcodec_alloc_context3(codec);
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	size_t count = 0;

	c->extradata = av_mallocz(sizeof(stereo_48) + AV_INPUT_BUFFER_PADDING_SIZE);
	c->extradata_size = sizeof(stereo_48);
	memcpy(c->extradata, stereo_48, sizeof(stereo_48));
	assert_true(avcodec_open2(c, codec, NULL) >= 0);
	for (size_t i = 0; i < units->count; i++) {
		assert_int_equal(av_new_packet(packet, (int)units->units[i].len), 0);
		memcpy(packet->data, units->bytes.data + units->units[i].at, units->units[i].len);
		assert_true(avcodec_send_packet(c, packet) >= 0);
		av_packet_unref(packet);
		while (avcodec_receive_frame(c, frame) >= 0) {
			memcpy(left + count, frame->extended_data[0], sizeof(float) * (size_t)frame->nb_samples);
			memcpy(right + count, frame->extended_data[1], sizeof(float) * (size_t)frame->nb_samples);
			count += (size_t)frame->nb_samples;
		}
	}
	av_frame_free(&frame);
	av_packet_free(&packet);
	avcodec_free_context(&c);
	return count;
}

static double peak(const float *left, const float *right, size_t from, size_t count)
{
	float most = 0;

	for (size_t i = from; i < count; i++) {
		most = fmaxf(most, encode_limit_true_peak(left, count, i));
		most = fmaxf(most, encode_limit_true_peak(right, count, i));
	}
	return 20 * log10(most);
}

static void no_peak_comes_from_the_encoder(void **state)
{
	CLEANUP(cleanup_free) float *sound = malloc(sizeof(float) * COUNT * 2), *made = calloc(COUNT * 2, sizeof(float));
	float *left = sound, *right = sound + COUNT;
	static const int rates[] = { 128, 160 };

	(void)state;
	for (unsigned seed = 1; seed <= 3; seed++)
		for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
			CLEANUP(encode_units_free) struct encode_units units = { .bytes = BUF_MAX(1 << 20) };
			struct err err = { 0 };
			double before, after;
			size_t count;

			bells(seed, left, right);
			encode_limit(0, COUNT, left, right);
			before = peak(left, right, 0, COUNT);
			test_ok(encode_aac(left, right, FRAMES, rates[r], &units, &err), &err);
			count = decode(&units, made, made + COUNT);
			assert_true(count >= (FRAMES - 1) * 1024);
			after = peak(made, made + COUNT, 1024, count);
			if (before < -6 || after > before + 0.6 || after > -1)
				fail_msg("%d kbit/s: %.2f dBTP before, %.2f after", rates[r], before, after);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_peak_comes_from_the_encoder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
