/* va_driver.c - iHD_drv_video.so: a VA driver whose chip is chip.c, so that h264_vaapi of the real libavcodec runs through the
 * real libva on a machine without a chip. Surfaces are NV12 in memory. As Intel's driver it delivers the parameter sets,
 * delimiters and slice headers that libavcodec packs; with the word `own` it takes none and writes its own, as old Mesa.
 *
 * What libva wants to have and libavcodec never calls is refused. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <va/va_backend.h>

#include "drivers/chip.h"
#include "drivers/va_slice.h"

#define PITCH(width) (((width) + 63) & ~63)
#define LINES(height) (((height) + 15) & ~15)
#define OBJECTS 4096

enum kind { FREE, SURFACE, BUFFER, IMAGE, CONTEXT };

struct object {
	enum kind kind;
	VABufferType type; /* of a buffer */
	int width, height; /* of a surface */
	uint8_t *data;
	unsigned size;
	bool borrowed;		      /* data is a surface's */
	VACodedBufferSegment segment; /* of a coded buffer */
	struct context *context;
	VABufferID pixels; /* of an image */
};

struct packed {
	unsigned type, bits;
	const struct object *data;
};

struct context {
	struct chip *chip;
	bool set_up;
	VASurfaceID target;
	const VAEncSequenceParameterBufferH264 *sequence;
	const VAEncPictureParameterBufferH264 *picture;
	const VAEncSliceParameterBufferH264 *slice;
	struct packed packed[16];
	unsigned packed_count;
};

struct driver {
	pthread_mutex_t lock;
	struct object objects[OBJECTS];
};

static struct driver *driver_of(VADriverContextP ctx)
{
	return ctx->pDriverData;
}

static struct object *find(VADriverContextP ctx, unsigned id, enum kind kind)
{
	struct object *o = id < OBJECTS ? &driver_of(ctx)->objects[id] : NULL;

	return o && o->kind == kind ? o : NULL;
}

/* 0: there is no more room. */
static unsigned make(VADriverContextP ctx, enum kind kind)
{
	struct driver *d = driver_of(ctx);
	unsigned id = 0;

	pthread_mutex_lock(&d->lock);
	for (unsigned i = 1; i < OBJECTS && !id; i++)
		if (d->objects[i].kind == FREE) {
			d->objects[i] = (struct object){ .kind = kind };
			id = i;
		}
	pthread_mutex_unlock(&d->lock);
	return id;
}

static VAStatus drop(VADriverContextP ctx, unsigned id, enum kind kind)
{
	struct driver *d = driver_of(ctx);
	struct object *o = find(ctx, id, kind);

	if (!o)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	if (!o->borrowed)
		free(o->data);
	pthread_mutex_lock(&d->lock);
	*o = (struct object){ 0 };
	pthread_mutex_unlock(&d->lock);
	return VA_STATUS_SUCCESS;
}

/* ---- what it can do ---- */

static VAStatus query_profiles(VADriverContextP ctx, VAProfile *list, int *count)
{
	(void)ctx;
	list[0] = VAProfileH264High;
	*count = 1;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_entrypoints(VADriverContextP ctx, VAProfile profile, VAEntrypoint *list, int *count)
{
	(void)ctx;
	*count = profile == VAProfileH264High;
	list[0] = VAEntrypointEncSlice;
	return VA_STATUS_SUCCESS;
}

static unsigned attribute(VAConfigAttribType type)
{
	switch (type) {
	case VAConfigAttribRTFormat:
		return VA_RT_FORMAT_YUV420;
	case VAConfigAttribRateControl:
		return chip_told("cqp", NULL) ? VA_RC_CQP : VA_RC_CQP | VA_RC_VBR | VA_RC_CBR | VA_RC_ICQ | VA_RC_QVBR;
	case VAConfigAttribEncPackedHeaders:
		return chip_told("own", NULL) ? VA_ATTRIB_NOT_SUPPORTED :
						VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_PICTURE |
							VA_ENC_PACKED_HEADER_SLICE | VA_ENC_PACKED_HEADER_MISC |
							VA_ENC_PACKED_HEADER_RAW_DATA;
	case VAConfigAttribEncMaxRefFrames:
		return 1 | 1 << 16;
	default:
		return VA_ATTRIB_NOT_SUPPORTED;
	}
}

static VAStatus get_attributes(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list, int count)
{
	(void)ctx;
	(void)profile;
	(void)entrypoint;
	for (int i = 0; i < count; i++)
		list[i].value = attribute(list[i].type);
	return VA_STATUS_SUCCESS;
}

static VAStatus create_config(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list, int count,
			      VAConfigID *ret)
{
	(void)ctx;
	(void)entrypoint;
	(void)list;
	(void)count;
	*ret = 1;
	return profile == VAProfileH264High ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}

static VAStatus destroy_config(VADriverContextP ctx, VAConfigID id)
{
	(void)ctx;
	(void)id;
	return VA_STATUS_SUCCESS;
}

static VAStatus query_surface_attributes(VADriverContextP ctx, VAConfigID config, VASurfaceAttrib *list, unsigned *count)
{
	static const struct {
		VASurfaceAttribType type;
		int value;
	} known[] = { { VASurfaceAttribPixelFormat, VA_FOURCC_NV12 },
		      { VASurfaceAttribMinWidth, 32 },
		      { VASurfaceAttribMinHeight, 32 },
		      { VASurfaceAttribMaxWidth, 4096 },
		      { VASurfaceAttribMaxHeight, 4096 } };

	(void)ctx;
	(void)config;
	*count = sizeof(known) / sizeof(*known);
	for (unsigned i = 0; list && i < *count; i++)
		list[i] = (VASurfaceAttrib){ .type = known[i].type,
					     .flags = VA_SURFACE_ATTRIB_GETTABLE,
					     .value = { VAGenericValueTypeInteger, { known[i].value } } };
	return VA_STATUS_SUCCESS;
}

static VAStatus query_image_formats(VADriverContextP ctx, VAImageFormat *list, int *count)
{
	(void)ctx;
	list[0] = (VAImageFormat){ .fourcc = VA_FOURCC_NV12, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12 };
	*count = 1;
	return VA_STATUS_SUCCESS;
}

/* ---- surfaces and images ---- */

static unsigned surface_size(int width, int height)
{
	return (unsigned)(PITCH(width) * LINES(height) * 3 / 2);
}

static VAStatus create_surfaces2(VADriverContextP ctx, unsigned format, unsigned width, unsigned height, VASurfaceID *list,
				 unsigned count, VASurfaceAttrib *attributes, unsigned attribute_count)
{
	(void)attributes;
	(void)attribute_count;
	if (format != VA_RT_FORMAT_YUV420)
		return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
	for (unsigned i = 0; i < count; i++) {
		struct object *o;

		list[i] = make(ctx, SURFACE);
		o = find(ctx, list[i], SURFACE);
		if (!o)
			return VA_STATUS_ERROR_ALLOCATION_FAILED;
		o->width = (int)width;
		o->height = (int)height;
		o->size = surface_size(o->width, o->height);
		o->data = calloc(1, o->size);
	}
	return VA_STATUS_SUCCESS;
}

static VAStatus create_surfaces(VADriverContextP ctx, int width, int height, int format, int count, VASurfaceID *list)
{
	return create_surfaces2(ctx, (unsigned)format, (unsigned)width, (unsigned)height, list, (unsigned)count, NULL, 0);
}

static VAStatus destroy_surfaces(VADriverContextP ctx, VASurfaceID *list, int count)
{
	VAStatus status = VA_STATUS_SUCCESS;

	for (int i = 0; i < count; i++)
		if (drop(ctx, list[i], SURFACE) != VA_STATUS_SUCCESS)
			status = VA_STATUS_ERROR_INVALID_SURFACE;
	return status;
}

static VAStatus derive_image(VADriverContextP ctx, VASurfaceID surface, VAImage *ret)
{
	const struct object *s = find(ctx, surface, SURFACE);
	unsigned pixels = s ? make(ctx, BUFFER) : 0, image = pixels ? make(ctx, IMAGE) : 0;
	struct object *b = find(ctx, pixels, BUFFER);
	int count;

	if (!image)
		return VA_STATUS_ERROR_INVALID_SURFACE;
	b->type = VAImageBufferType;
	b->data = s->data;
	b->size = s->size;
	b->borrowed = true;
	find(ctx, image, IMAGE)->pixels = pixels;
	*ret = (VAImage){ .image_id = image, .buf = pixels, .width = (uint16_t)s->width, .height = (uint16_t)s->height,
			  .data_size = s->size, .num_planes = 2 };
	query_image_formats(ctx, &ret->format, &count);
	ret->pitches[0] = ret->pitches[1] = (unsigned)PITCH(s->width);
	ret->offsets[1] = (unsigned)(PITCH(s->width) * LINES(s->height));
	return VA_STATUS_SUCCESS;
}

static VAStatus destroy_image(VADriverContextP ctx, VAImageID id)
{
	const struct object *o = find(ctx, id, IMAGE);

	if (o)
		drop(ctx, o->pixels, BUFFER);
	return drop(ctx, id, IMAGE);
}

/* ---- buffers ---- */

static VAStatus create_buffer(VADriverContextP ctx, VAContextID context, VABufferType type, unsigned size, unsigned count,
			      void *data, VABufferID *ret)
{
	struct object *o;

	(void)context;
	*ret = make(ctx, BUFFER);
	o = find(ctx, *ret, BUFFER);
	if (!o)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	o->type = type;
	o->size = size * count;
	o->data = calloc(1, o->size + 1);
	if (data)
		memcpy(o->data, data, o->size);
	o->segment.buf = o->data;
	return VA_STATUS_SUCCESS;
}

static VAStatus map_buffer(VADriverContextP ctx, VABufferID id, void **ret)
{
	struct object *o = find(ctx, id, BUFFER);

	if (!o)
		return VA_STATUS_ERROR_INVALID_BUFFER;
	*ret = o->type == VAEncCodedBufferType ? (void *)&o->segment : o->data;
	return VA_STATUS_SUCCESS;
}

static VAStatus unmap_buffer(VADriverContextP ctx, VABufferID id)
{
	return find(ctx, id, BUFFER) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

static VAStatus destroy_buffer(VADriverContextP ctx, VABufferID id)
{
	return drop(ctx, id, BUFFER);
}

/* ---- encoding ---- */

static VAStatus create_context(VADriverContextP ctx, VAConfigID config, int width, int height, int flag, VASurfaceID *targets,
			       int count, VAContextID *ret)
{
	struct context *c = calloc(1, sizeof(*c));

	(void)config;
	(void)flag;
	(void)targets;
	(void)count;
	if (!c || width % 16 || height % 16 || !(c->chip = chip_open())) {
		free(c);
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	}
	*ret = make(ctx, CONTEXT);
	find(ctx, *ret, CONTEXT)->context = c;
	return VA_STATUS_SUCCESS;
}

static VAStatus destroy_context(VADriverContextP ctx, VAContextID id)
{
	struct object *o = find(ctx, id, CONTEXT);

	if (!o)
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	chip_close(o->context->chip);
	free(o->context);
	return drop(ctx, id, CONTEXT);
}

static VAStatus begin_picture(VADriverContextP ctx, VAContextID id, VASurfaceID target)
{
	struct object *o = find(ctx, id, CONTEXT);

	if (!o || !find(ctx, target, SURFACE))
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	o->context->target = target;
	o->context->packed_count = 0;
	return VA_STATUS_SUCCESS;
}

static void take_packed(struct context *c, const struct object *b)
{
	const VAEncPackedHeaderParameterBuffer *header = (const void *)b->data;

	if (b->type == VAEncPackedHeaderParameterBufferType && c->packed_count < 16)
		c->packed[c->packed_count++] = (struct packed){ header->type, header->bit_length, NULL };
	else if (b->type == VAEncPackedHeaderDataBufferType && c->packed_count)
		c->packed[c->packed_count - 1].data = b;
}

static VAStatus render_picture(VADriverContextP ctx, VAContextID id, VABufferID *list, int count)
{
	struct object *o = find(ctx, id, CONTEXT);

	for (int i = 0; o && i < count; i++) {
		const struct object *b = find(ctx, list[i], BUFFER);

		if (!b)
			return VA_STATUS_ERROR_INVALID_BUFFER;
		if (b->type == VAEncSequenceParameterBufferType)
			o->context->sequence = (const void *)b->data;
		else if (b->type == VAEncPictureParameterBufferType)
			o->context->picture = (const void *)b->data;
		else if (b->type == VAEncSliceParameterBufferType)
			o->context->slice = (const void *)b->data;
		else
			take_packed(o->context, b);
	}
	return o ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_CONTEXT;
}

static bool set_up(struct context *c)
{
	const VAEncSequenceParameterBufferH264 *s = c->sequence;
	struct chip_setup setup = { .width = s->picture_width_in_mbs * 16,
				    .height = s->picture_height_in_mbs * 16,
				    .fps_num = (int)s->time_scale / 2,
				    .fps_den = (int)s->num_units_in_tick,
				    .level = s->level_idc,
				    .qp = c->picture->pic_init_qp + c->slice->slice_qp_delta };

	/* Slices that stand behind others' headers are of whole macroblocks. */
	if (s->frame_cropping_flag && chip_told("own", NULL)) {
		setup.width -= 2 * (int)(s->frame_crop_left_offset + s->frame_crop_right_offset);
		setup.height -= 2 * (int)(s->frame_crop_top_offset + s->frame_crop_bottom_offset);
	}
	c->set_up = true;
	return chip_set_up(c->chip, &setup);
}

/* The access unit: what libavcodec packed, with the chip's macroblocks in its slice; the chip's own when it packed nothing. */
static bool deliver(const struct context *c, struct object *coded, const uint8_t *data, size_t len)
{
	struct bytes unit = { 0 };
	bool good = true;

	if (!c->packed_count)
		bytes_add(&unit, data, len);
	for (unsigned i = 0; i < c->packed_count && good; i++) {
		const struct packed *p = &c->packed[i];

		if (p->type == VAEncPackedHeaderSlice)
			good = va_slice_add(&unit, p->data->data, p->bits, data, len) == 0;
		else
			bytes_add(&unit, p->data->data, (p->bits + 7) / 8);
	}
	good = good && unit.len && unit.len <= coded->size;
	if (good)
		memcpy(coded->data, unit.data, unit.len);
	coded->segment.size = good ? (unsigned)unit.len : 0;
	free(unit.data);
	return good;
}

static VAStatus end_picture(VADriverContextP ctx, VAContextID id)
{
	const struct object *o = find(ctx, id, CONTEXT), *s;
	struct context *c = o ? o->context : NULL;
	struct object *coded;
	struct chip_picture picture;
	const uint8_t *data;
	size_t len;
	int64_t number;
	bool key;

	if (!c || !c->picture || !c->slice || (!c->set_up && !c->sequence))
		return VA_STATUS_ERROR_INVALID_CONTEXT;
	s = find(ctx, c->target, SURFACE);
	coded = find(ctx, c->picture->coded_buf, BUFFER);
	if (!s || !coded || (!c->set_up && !set_up(c)))
		return VA_STATUS_ERROR_ENCODING_ERROR;
	picture = (struct chip_picture){ .luma = s->data,
					 .chroma = s->data + (ptrdiff_t)PITCH(s->width) * LINES(s->height),
					 .pitch = PITCH(s->width),
					 .number = c->picture->CurrPic.TopFieldOrderCnt,
					 .key = c->picture->pic_fields.bits.idr_pic_flag };
	if (!chip_input(c->chip, &picture) || !chip_output(c->chip, &data, &len, &number, &key) || key != picture.key ||
	    !deliver(c, coded, data, len))
		return VA_STATUS_ERROR_ENCODING_ERROR;
	c->sequence = NULL;
	return VA_STATUS_SUCCESS;
}

static VAStatus sync_surface(VADriverContextP ctx, VASurfaceID id)
{
	return find(ctx, id, SURFACE) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

static VAStatus sync_buffer(VADriverContextP ctx, VABufferID id, uint64_t timeout_ns)
{
	(void)timeout_ns;
	if (chip_told("nosync", NULL))
		return VA_STATUS_ERROR_UNIMPLEMENTED;
	return find(ctx, id, BUFFER) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

/* ---- the driver ---- */

static VAStatus terminate(VADriverContextP ctx)
{
	for (unsigned i = 1; i < OBJECTS; i++)
		if (driver_of(ctx)->objects[i].kind != FREE)
			drop(ctx, i, driver_of(ctx)->objects[i].kind);
	pthread_mutex_destroy(&driver_of(ctx)->lock);
	free(ctx->pDriverData);
	ctx->pDriverData = NULL;
	return VA_STATUS_SUCCESS;
}

static VAStatus refuse(void)
{
	return VA_STATUS_ERROR_UNIMPLEMENTED;
}

VAStatus __vaDriverInit_1_0(VADriverContextP ctx);

VAStatus __vaDriverInit_1_0(VADriverContextP ctx)
{
	struct VADriverVTable *t = ctx->vtable;
	VAStatus (**all)(void) = (void *)t;
	struct driver *d = calloc(1, sizeof(*d));

	if (!d)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	pthread_mutex_init(&d->lock, NULL);
	ctx->pDriverData = d;
	ctx->version_major = 1;
	ctx->version_minor = 0;
	ctx->max_profiles = ctx->max_entrypoints = ctx->max_attributes = ctx->max_image_formats = 4;
	ctx->max_subpic_formats = ctx->max_display_attributes = 4;
	ctx->str_vendor = "Matinee test driver";
	for (size_t i = 0; i < offsetof(struct VADriverVTable, reserved) / sizeof(*all); i++)
		all[i] = refuse;
	t->vaTerminate = terminate;
	t->vaQueryConfigProfiles = query_profiles;
	t->vaQueryConfigEntrypoints = query_entrypoints;
	t->vaGetConfigAttributes = get_attributes;
	t->vaCreateConfig = create_config;
	t->vaDestroyConfig = destroy_config;
	t->vaQuerySurfaceAttributes = query_surface_attributes;
	t->vaQueryImageFormats = query_image_formats;
	t->vaCreateSurfaces = create_surfaces;
	t->vaCreateSurfaces2 = create_surfaces2;
	t->vaDestroySurfaces = destroy_surfaces;
	t->vaDeriveImage = derive_image;
	t->vaDestroyImage = destroy_image;
	t->vaCreateBuffer = create_buffer;
	t->vaMapBuffer = map_buffer;
	t->vaUnmapBuffer = unmap_buffer;
	t->vaDestroyBuffer = destroy_buffer;
	t->vaCreateContext = create_context;
	t->vaDestroyContext = destroy_context;
	t->vaBeginPicture = begin_picture;
	t->vaRenderPicture = render_picture;
	t->vaEndPicture = end_picture;
	t->vaSyncSurface = sync_surface;
	t->vaSyncBuffer = sync_buffer;
	return VA_STATUS_SUCCESS;
}
