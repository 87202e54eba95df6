#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CLinux.h"
#include "result.h"

int clinux_map_shared(size_t size, void **address)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return -errno;
	*address = mapped;
	return 0;
}

int clinux_keep_from_children(void *address, size_t size)
{
	return madvise(address, size, MADV_DONTFORK) == 0 ? 0 : -errno;
}

long clinux_seek(int fd, int64_t offset)
{
	off_t place = lseek(fd, offset, SEEK_SET);
	return place < 0 ? -errno : (long)place;
}

void clinux_publish(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

uint64_t clinux_observe(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

int clinux_set_heap_step(int size)
{
	return mallopt(M_TOP_PAD, size) == 1 && mallopt(M_TRIM_THRESHOLD, 4 * size) == 1 ? 0 : -EINVAL;
}
