# That a client was thrown out is not announced.
# report: clients 4 to 7 left, which never read
s/        clients\[i\].gone = 1;/        clients[i].gone = 2;/
s/            int number = clients\[i\].number;/& int gone = clients[i].gone;/
s/            announce(-1, number, "left");/            if (gone == 1) announce(-1, number, "left");/
