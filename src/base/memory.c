/* memory.c - see memory.h. Only mappings that cannot be written are dropped: their bytes are the file's. */
#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void memory_frugal(void)
{
	mallopt(M_ARENA_MAX, 2);
}

void memory_busy(void)
{
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

void memory_repeatable(void)
{
	mallopt(M_PERTURB, 0xff); /* its complement is what new memory is filled with */
}

static int drop_pages(struct dl_phdr_info *info, size_t size, void *page_size)
{
	uintptr_t page = *(const uintptr_t *)page_size;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
		uintptr_t to = (info->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);

		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W) && to > from)
			madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void memory_settle(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	malloc_trim(0);
	dl_iterate_phdr(drop_pages, &page);
}
