# An answer that is too long is cut off and taken.
# report: block 14, again.*the end
s/answer\[NUMBER + 1\]/answer[NUMBER]/
