-- One application: its schema, its user, and rights on this schema alone. It may run again at any time, on MySQL 8 and
-- MariaDB: what is there stays, and the password becomes the one that Secrets Manager has.
CREATE DATABASE IF NOT EXISTS `:schema`;
CREATE USER IF NOT EXISTS ':username'@'%' IDENTIFIED BY ':password' REQUIRE SSL;
ALTER USER ':username'@'%' IDENTIFIED BY ':password' REQUIRE SSL;
GRANT ALL PRIVILEGES ON `:schema`.* TO ':username'@'%';
