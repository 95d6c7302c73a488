/* report.h: how judging ends. What exercises demand is in judge.h. */
#ifndef REPORT_H
#define REPORT_H

/* Ends the judging of a program that has done all that it must. */
_Noreturn void end_judging(void);

#endif
