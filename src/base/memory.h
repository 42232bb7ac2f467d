/* memory.h - keeps a process that runs for months small. */
#pragma once

/* Few malloc arenas: threads here allocate little. Call before threads start. */
void memory_frugal(void);

/* Keeps up to 32 MB of freed heap: for a process that opens and closes media all the time, whose buffers of some hundred
 * kilobytes would else be mapped, filled with zeros and unmapped over and over (a fifth of the time of a probe). */
void memory_busy(void);

/* All memory is zero when it is handed out, fresh or used before: what is computed from it by mistake is at least always
 * the same. What libx264 164 makes of one picture differs with MALLOC_PERTURB_ (mbtree, its assembler). Costs an encode some 2 %. */
void memory_repeatable(void);

/* Gives back what start-up touched and nothing uses: free heap, and the pages of code and constants of libraries (the
 * decoders that only workers call were relocated here too). Pages that are needed come back from the page cache. */
void memory_settle(void);
