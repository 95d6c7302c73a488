# What is not HEAD is GET.
# report: DELETE /empty.txt.*to begin with HTTP/1.1 and 501
s/if (!only_head && strcmp(method, "GET") != 0)/if (false)/
