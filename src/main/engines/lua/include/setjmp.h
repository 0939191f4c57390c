/* Lua includes it and, with platform.h, uses nothing of it. */
