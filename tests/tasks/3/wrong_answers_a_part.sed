# A message that is not whole is answered.
# report: after a message that is not whole
s/(recv_all(client, text, length) == -1)/(recv_all(client, text, length) == -2)/
