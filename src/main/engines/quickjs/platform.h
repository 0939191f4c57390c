/*
 * Included before QuickJS's own sources: they shall not notice that this is WASI, where they would
 * do without a limit to the stack. As what they take it for then (build.sh), their interpreter is
 * one switch, and nothing needs threads.
 */
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__
