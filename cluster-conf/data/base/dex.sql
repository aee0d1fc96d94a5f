-- Pachyderm wants this database beside its own, for whom it asks who somebody is.
CREATE DATABASE dex OWNER pachyderm;
