/* mfx.c - libmfx-gen.so.1.2: a runtime as the one of Intel's newer chips, whose chip is chip.c, so that h264_qsv of the real libavcodec runs through
 * the real dispatcher (libmfx.so.1) on a machine without Quick Sync. Parameter sets and slices are x264's; delimiters are the
 * runtime's. Pictures are done when they are taken, and delivered when libavcodec waits for them.
 *
 * What an encoder was asked for stands in the file $TEST_CHIP.asked. What the dispatcher wants besides: mfx_refused.c. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mfx/mfxvideo.h>

#include "drivers/chip.h"

#define POINTS 64

/* A picture on its way. */
struct point {
	bool used, busy, lost, key;
	mfxBitstream *to;
	mfxFrameSurface1 *from;
	uint8_t *data;
	size_t len;
};

struct session {
	mfxHDL display;
	struct chip *chip; /* NULL: no encoder is open */
	mfxVideoParam param;
	bool delimiters;
	unsigned pictures;
	struct point points[POINTS];
};

static struct session *of(mfxSession session)
{
	return (struct session *)session;
}

static void *find(const mfxVideoParam *p, mfxU32 id)
{
	for (int i = 0; i < p->NumExtParam; i++)
		if (p->ExtParam[i]->BufferId == id)
			return p->ExtParam[i];
	return NULL;
}

/* ---- sessions ---- */

mfxStatus MFXInitEx(mfxInitParam par, mfxSession *ret)
{
	(void)par;
	*ret = calloc(1, sizeof(struct session));
	return *ret ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
}

static void drop(struct point *p)
{
	if (p->used)
		p->from->Data.Locked--;
	free(p->data);
	*p = (struct point){ 0 };
}

/* By a name that the dispatcher has not, whose functions come first. */
static void close_encoder(struct session *s)
{
	for (int i = 0; i < POINTS; i++)
		drop(&s->points[i]);
	chip_close(s->chip);
	s->chip = NULL;
}

mfxStatus MFXClose(mfxSession session)
{
	close_encoder(of(session));
	free(session);
	return MFX_ERR_NONE;
}

mfxStatus MFXQueryVersion(mfxSession session, mfxVersion *ret)
{
	(void)session;
	ret->Major = 1;
	ret->Minor = 35;
	return MFX_ERR_NONE;
}

mfxStatus MFXQueryIMPL(mfxSession session, mfxIMPL *ret)
{
	(void)session;
	*ret = MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI;
	return MFX_ERR_NONE;
}

mfxStatus MFXVideoCORE_SetHandle(mfxSession session, mfxHandleType type, mfxHDL handle)
{
	if (type != MFX_HANDLE_VA_DISPLAY || !handle)
		return MFX_ERR_INVALID_HANDLE;
	of(session)->display = handle;
	return chip_told("strange", NULL) ? MFX_ERR_DEVICE_FAILED : MFX_ERR_NONE;
}

/* ---- what it can do ---- */

static bool knows_control(mfxU16 method)
{
	if (chip_told("cqp", NULL))
		return method == MFX_RATECONTROL_CQP;
	return method == MFX_RATECONTROL_CQP || method == MFX_RATECONTROL_CBR || method == MFX_RATECONTROL_VBR ||
	       (method == MFX_RATECONTROL_QVBR && !chip_told("vbr", NULL));
}

/* What is not supported is zero in `out`. */
mfxStatus MFXVideoENCODE_Query(mfxSession session, mfxVideoParam *in, mfxVideoParam *out)
{
	const mfxFrameInfo *f = &in->mfx.FrameInfo;
	mfxStatus status = MFX_ERR_NONE;

	(void)session;
	if (in->mfx.CodecId != MFX_CODEC_AVC || f->FourCC != MFX_FOURCC_NV12 || f->Width % 16 || f->Height % 16 ||
	    in->mfx.LowPower == MFX_CODINGOPTION_ON)
		status = MFX_ERR_UNSUPPORTED;
	out->mfx = in->mfx;
	if (!knows_control(in->mfx.RateControlMethod)) {
		out->mfx.RateControlMethod = 0;
		status = MFX_ERR_UNSUPPORTED;
	}
	return status;
}

mfxStatus MFXVideoENCODE_QueryIOSurf(mfxSession session, mfxVideoParam *par, mfxFrameAllocRequest *request)
{
	(void)session;
	request->Info = par->mfx.FrameInfo;
	request->NumFrameMin = 1;
	request->NumFrameSuggested = par->AsyncDepth;
	request->Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_SYSTEM_MEMORY;
	return MFX_ERR_NONE;
}

/* ---- an encoder ---- */

static const char *control_name(mfxU16 method)
{
	return method == MFX_RATECONTROL_QVBR ? "QVBR" :
	       method == MFX_RATECONTROL_VBR  ? "VBR" :
	       method == MFX_RATECONTROL_CBR  ? "CBR" :
						"CQP";
}

static const char *asked_of(mfxU16 option)
{
	return option == MFX_CODINGOPTION_ON ? "on" : option == MFX_CODINGOPTION_OFF ? "off" : "-";
}

/* One line, for the test. */
static void write_asked(const mfxVideoParam *p)
{
	const mfxInfoMFX *m = &p->mfx;
	const mfxFrameInfo *f = &m->FrameInfo;
	const mfxExtCodingOption *o = find(p, MFX_EXTBUFF_CODING_OPTION);
	const mfxExtCodingOption2 *o2 = find(p, MFX_EXTBUFF_CODING_OPTION2);
	const mfxExtCodingOption3 *o3 = find(p, MFX_EXTBUFF_CODING_OPTION3);
	const mfxExtVideoSignalInfo *s = find(p, MFX_EXTBUFF_VIDEO_SIGNAL_INFO);
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.asked", getenv("TEST_CHIP"));
	file = getenv("TEST_CHIP") && o && o2 && o3 && s ? fopen(path, "we") : NULL;
	if (!file)
		return;
	fprintf(file, "%dx%d of %dx%d, %u/%u, profile %d level %d, ", f->CropW, f->CropH, f->Width, f->Height, f->FrameRateExtN,
		f->FrameRateExtD, m->CodecProfile, m->CodecLevel);
	if (m->RateControlMethod == MFX_RATECONTROL_CQP)
		fprintf(file, "CQP %d, ", m->QPP);
	else
		fprintf(file, "%s %d %d..%d kbit/s %d kB, ", control_name(m->RateControlMethod), o3->QVBRQuality,
			m->TargetKbps * m->BRCParamMultiplier, m->MaxKbps * m->BRCParamMultiplier,
			m->BufferSizeInKB * m->BRCParamMultiplier);
	fprintf(file, "gop %d distance %d idr %d%s, ", m->GopPicSize, m->GopRefDist, m->IdrInterval,
		m->GopOptFlag & MFX_GOP_CLOSED ? " closed" : "");
	fprintf(file, "delimiters %s adaptive %s %s, colours %d %d %d\n", asked_of(o->AUDelimiter), asked_of(o2->AdaptiveI),
		asked_of(o2->AdaptiveB), s->ColourPrimaries, s->TransferCharacteristics, s->MatrixCoefficients);
	fclose(file);
}

static int quantizer(const mfxVideoParam *p)
{
	const mfxExtCodingOption3 *o = find(p, MFX_EXTBUFF_CODING_OPTION3);

	if (p->mfx.RateControlMethod == MFX_RATECONTROL_CQP)
		return p->mfx.QPP;
	return p->mfx.RateControlMethod == MFX_RATECONTROL_QVBR && o ? o->QVBRQuality : 26;
}

mfxStatus MFXVideoENCODE_Init(mfxSession session, mfxVideoParam *par)
{
	struct session *s = of(session);
	const mfxFrameInfo *f = &par->mfx.FrameInfo;
	const mfxExtCodingOption *o = find(par, MFX_EXTBUFF_CODING_OPTION);
	struct chip_setup setup = { .width = f->CropW,
				    .height = f->CropH,
				    .fps_num = (int)f->FrameRateExtN,
				    .fps_den = (int)f->FrameRateExtD,
				    .level = par->mfx.CodecLevel ? par->mfx.CodecLevel : 52, /* not what was meant */
				    .qp = quantizer(par) };

	if (!s->display || s->chip)
		return MFX_ERR_UNDEFINED_BEHAVIOR;
	if (par->mfx.GopRefDist != 1 || par->mfx.CodecProfile != MFX_PROFILE_AVC_HIGH ||
	    par->IOPattern != MFX_IOPATTERN_IN_SYSTEM_MEMORY || f->PicStruct != MFX_PICSTRUCT_PROGRESSIVE ||
	    !knows_control(par->mfx.RateControlMethod))
		return MFX_ERR_INVALID_VIDEO_PARAM;
	s->chip = chip_open();
	if (!s->chip || !chip_set_up(s->chip, &setup))
		return MFX_ERR_DEVICE_FAILED;
	write_asked(par);
	s->delimiters = o && o->AUDelimiter == MFX_CODINGOPTION_ON && !chip_told("own", NULL);
	s->param = *par;
	s->pictures = 0;
	return MFX_ERR_NONE;
}

mfxStatus MFXVideoENCODE_Close(mfxSession session)
{
	close_encoder(of(session));
	return MFX_ERR_NONE;
}

/* SPS and PPS lie one behind the other. */
static mfxStatus give_sets(const struct session *s, mfxExtCodingOptionSPSPPS *to)
{
	const uint8_t *sets;
	size_t len, pps;

	chip_sets(s->chip, &sets, &len);
	for (pps = 4; pps + 5 <= len && memcmp(sets + pps, "\0\0\0\1\x68", 5) != 0; pps++)
		;
	if (pps + 5 > len || pps > to->SPSBufSize || len - pps > to->PPSBufSize)
		return MFX_ERR_NOT_ENOUGH_BUFFER;
	memcpy(to->SPSBuffer, sets, pps);
	memcpy(to->PPSBuffer, sets + pps, len - pps);
	to->SPSBufSize = (mfxU16)pps;
	to->PPSBufSize = (mfxU16)(len - pps);
	return MFX_ERR_NONE;
}

mfxStatus MFXVideoENCODE_GetVideoParam(mfxSession session, mfxVideoParam *par)
{
	const struct session *s = of(session);
	mfxExtCodingOptionSPSPPS *sets = find(par, MFX_EXTBUFF_CODING_OPTION_SPSPPS);
	const mfxFrameInfo *f = &s->param.mfx.FrameInfo;

	if (!s->chip)
		return MFX_ERR_NOT_INITIALIZED;
	par->mfx = s->param.mfx;
	if (!par->mfx.BRCParamMultiplier)
		par->mfx.BRCParamMultiplier = 1;
	if (!par->mfx.BufferSizeInKB)
		par->mfx.BufferSizeInKB = (mfxU16)((unsigned)f->Width * f->Height * 3 / 2 / 1000);
	return sets ? give_sets(s, sets) : MFX_ERR_NONE;
}

/* ---- pictures ---- */

/* The chip's access unit, behind a delimiter when they were asked for. */
static bool take_output(struct session *s, struct point *p)
{
	static const uint8_t delimiter[] = { 0, 0, 0, 1, 9, 0xF0 };
	size_t head = s->delimiters ? sizeof(delimiter) : 0, len;
	const uint8_t *data;
	int64_t number;

	if (!chip_output(s->chip, &data, &len, &number, &p->key))
		return false;
	p->len = head + len;
	p->data = malloc(p->len);
	if (!p->data)
		abort();
	memcpy(p->data, delimiter, head);
	memcpy(p->data + head, data, len);
	return true;
}

static struct point *free_point(struct session *s)
{
	for (int i = 0; i < POINTS; i++)
		if (!s->points[i].used)
			return &s->points[i];
	return NULL;
}

/* A picture is a key picture when it is asked for, and where a group begins. */
static bool is_key(const struct session *s, const mfxEncodeCtrl *ctrl)
{
	return (ctrl && ctrl->FrameType & MFX_FRAMETYPE_IDR) ||
	       (s->param.mfx.GopPicSize ? s->pictures % s->param.mfx.GopPicSize == 0 : s->pictures == 0);
}

mfxStatus MFXVideoENCODE_EncodeFrameAsync(mfxSession session, mfxEncodeCtrl *ctrl, mfxFrameSurface1 *surface,
					  mfxBitstream *bs, mfxSyncPoint *ret)
{
	struct session *s = of(session);
	struct point *p = s->chip ? free_point(s) : NULL;
	struct chip_picture picture;

	*ret = NULL;
	if (!s->chip)
		return MFX_ERR_NOT_INITIALIZED;
	if (!surface)
		return MFX_ERR_MORE_DATA; /* nothing is held back without B pictures */
	if (!p)
		return MFX_WRN_DEVICE_BUSY;
	picture = (struct chip_picture){ .luma = surface->Data.Y,
					 .chroma = surface->Data.UV,
					 .pitch = surface->Data.Pitch,
					 .number = s->pictures,
					 .key = is_key(s, ctrl) };
	*p = (struct point){ .used = true,
			     .to = bs,
			     .from = surface,
			     .busy = chip_suffers(s->chip, "busy"),
			     .lost = chip_suffers(s->chip, "lost") };
	surface->Data.Locked++;
	s->pictures++;
	if (!chip_input(s->chip, &picture) || !take_output(s, p)) {
		drop(p);
		return MFX_ERR_GPU_HANG;
	}
	*ret = (mfxSyncPoint)p;
	return MFX_ERR_NONE;
}

static mfxStatus deliver(const struct point *p)
{
	mfxBitstream *bs = p->to;

	if (p->lost)
		return MFX_ERR_DEVICE_LOST;
	if (bs->DataOffset + bs->DataLength + p->len > bs->MaxLength)
		return MFX_ERR_NOT_ENOUGH_BUFFER;
	memcpy(bs->Data + bs->DataOffset + bs->DataLength, p->data, p->len);
	bs->DataLength += (mfxU32)p->len;
	bs->TimeStamp = p->from->Data.TimeStamp;
	bs->DecodeTimeStamp = (mfxI64)p->from->Data.TimeStamp;
	bs->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
	bs->FrameType = MFX_FRAMETYPE_REF | (p->key ? MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR : MFX_FRAMETYPE_P);
	return MFX_ERR_NONE;
}

mfxStatus MFXVideoCORE_SyncOperation(mfxSession session, mfxSyncPoint syncp, mfxU32 wait)
{
	struct point *p = (struct point *)syncp;
	mfxStatus status;

	(void)session;
	if (!p || !p->used)
		return MFX_ERR_NULL_PTR;
	if (p->busy) {
		usleep(wait * 1000);
		return MFX_WRN_IN_EXECUTION;
	}
	status = deliver(p);
	drop(p);
	return status;
}
