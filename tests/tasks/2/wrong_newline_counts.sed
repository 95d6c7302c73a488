# The newline counts as well.
# report: the answer to "[^"]*".* expected  *"
s/answer(client, length) == -1/answer(client, length + 1) == -1/
