/* cuda.c - libcuda.so.1 with one device, as far as libavcodec asks for NVENC: h264_nvenc hands its pictures over in memory, and
 * CUDA does no more than hold a context. Its loader wants all of these functions. */
#include <stddef.h>
#include <stdio.h>

#include "drivers/chip.h"

#define NO_DEVICE 100

int cuInit(unsigned flags);
int cuDeviceGetCount(int *ret);
int cuDeviceGet(int *ret, int ordinal);
int cuDeviceGetName(char *name, int size, int device);
int cuDeviceComputeCapability(int *ret_major, int *ret_minor, int device);
int cuCtxCreate_v2(void **ret, unsigned flags, int device);
int cuCtxPopCurrent_v2(void **ret);
int cuGetErrorName(int error, const char **ret);
int cuGetErrorString(int error, const char **ret);

int cuInit(unsigned flags)
{
	(void)flags;
	return chip_told("absent", NULL) ? NO_DEVICE : 0;
}

int cuDeviceGetCount(int *ret)
{
	*ret = 1;
	return 0;
}

int cuDeviceGet(int *ret, int ordinal)
{
	*ret = ordinal;
	return 0;
}

int cuDeviceGetName(char *name, int size, int device)
{
	(void)device;
	snprintf(name, (size_t)size, "Matinee test device");
	return 0;
}

int cuDeviceComputeCapability(int *ret_major, int *ret_minor, int device)
{
	(void)device;
	*ret_major = 7;
	*ret_minor = 5;
	return 0;
}

static int context;

int cuCtxCreate_v2(void **ret, unsigned flags, int device)
{
	(void)flags;
	(void)device;
	*ret = &context;
	return 0;
}

int cuCtxPopCurrent_v2(void **ret)
{
	*ret = &context;
	return 0;
}

int cuGetErrorName(int error, const char **ret)
{
	*ret = error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR";
	return 0;
}

int cuGetErrorString(int error, const char **ret)
{
	*ret = error == NO_DEVICE ? "no CUDA-capable device is detected" : "error";
	return 0;
}

static int nothing(void)
{
	return 0;
}

#define NOTHING(name) int name(void) __attribute__((alias("nothing")));

NOTHING(cuDeviceGetAttribute)
NOTHING(cuCtxSetLimit)
NOTHING(cuCtxPushCurrent_v2)
NOTHING(cuCtxDestroy_v2)
NOTHING(cuMemAlloc_v2)
NOTHING(cuMemAllocPitch_v2)
NOTHING(cuMemAllocManaged)
NOTHING(cuMemsetD8Async)
NOTHING(cuMemFree_v2)
NOTHING(cuMemcpy)
NOTHING(cuMemcpyAsync)
NOTHING(cuMemcpy2D_v2)
NOTHING(cuMemcpy2DAsync_v2)
NOTHING(cuMemcpyHtoD_v2)
NOTHING(cuMemcpyHtoDAsync_v2)
NOTHING(cuMemcpyDtoH_v2)
NOTHING(cuMemcpyDtoHAsync_v2)
NOTHING(cuMemcpyDtoD_v2)
NOTHING(cuMemcpyDtoDAsync_v2)
NOTHING(cuCtxGetDevice)
NOTHING(cuDevicePrimaryCtxRetain)
NOTHING(cuDevicePrimaryCtxRelease)
NOTHING(cuDevicePrimaryCtxSetFlags)
NOTHING(cuDevicePrimaryCtxGetState)
NOTHING(cuDevicePrimaryCtxReset)
NOTHING(cuStreamCreate)
NOTHING(cuStreamQuery)
NOTHING(cuStreamSynchronize)
NOTHING(cuStreamDestroy_v2)
NOTHING(cuStreamAddCallback)
NOTHING(cuEventCreate)
NOTHING(cuEventDestroy_v2)
NOTHING(cuEventSynchronize)
NOTHING(cuEventQuery)
NOTHING(cuEventRecord)
NOTHING(cuLaunchKernel)
NOTHING(cuLinkCreate)
NOTHING(cuLinkAddData)
NOTHING(cuLinkComplete)
NOTHING(cuLinkDestroy)
NOTHING(cuModuleLoadData)
NOTHING(cuModuleUnload)
NOTHING(cuModuleGetFunction)
NOTHING(cuModuleGetGlobal)
NOTHING(cuTexObjectCreate)
NOTHING(cuTexObjectDestroy)
NOTHING(cuGLGetDevices_v2)
NOTHING(cuGraphicsGLRegisterImage)
NOTHING(cuGraphicsUnregisterResource)
NOTHING(cuGraphicsMapResources)
NOTHING(cuGraphicsUnmapResources)
NOTHING(cuGraphicsSubResourceGetMappedArray)
NOTHING(cuGraphicsResourceGetMappedPointer_v2)
NOTHING(cuArray3DCreate_v2)
NOTHING(cuArrayDestroy)
