-- Consoles of images of our own expire as logs of builds do (`logs_deleted_at`: they are gone); those of failed boots are forgotten with `servers.boot_log`.

alter table images add column logs_deleted_at timestamptz;
create index images_with_logs on images (since) where logs_deleted_at is null;
create index servers_with_boot_log on servers (since) where boot_log is not null;
