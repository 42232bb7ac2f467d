/* main.c - where it starts. */
#include <stdio.h>

int main(void)
{
	puts("matinee " MATINEE_VERSION);
	return 0;
}
