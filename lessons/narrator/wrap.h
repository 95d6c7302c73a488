/* wrap.h: the body that calls.def gives each call. The arguments are
 * widened to six words; a call that has fewer leaves the rest 0.
 */
#ifndef NARRATE_WRAP_H
#define NARRATE_WRAP_H

#define NARRATE_SIX(a, b, c, d, e, f, ...) \
    (intptr_t)(a), (intptr_t)(b), (intptr_t)(c), (intptr_t)(d), \
        (intptr_t)(e), (intptr_t)(f)
#define NARRATE_WIDEN(...) NARRATE_SIX(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

#define NARRATE_BODY(type, function, arguments, ...) \
    static const struct narrate_row row = {.name = #function, \
                                           __VA_ARGS__}; \
    struct narrate_call call; \
\
    if (!narrate_begin(&call, &row, NARRATE_WIDEN arguments)) \
        return narrate_real_##function arguments; \
    if (narrate_interrupted(&call)) { \
        errno = EINTR; \
        return (type)narrate_finish(&call, -1); \
    } \
    return (type)narrate_finish(&call, \
                                narrate_real_##function arguments);

#endif
