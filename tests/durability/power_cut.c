/* Preloaded into a process, keeps what would be on its disk if the power failed now: what was synced, and nothing else.
 *
 * Below the folder POWER_ROOT: whenever a file is synced, its content is copied to POWER_SHADOW/f<inode>; whenever a
 * folder is synced, the names in it, with their inodes, are written to POWER_SHADOW/d<inode>. Renaming, linking and
 * removing show only in the names of a folder, once that is synced. A file that is removed gets a name in
 * POWER_SHADOW/graves, so that no other file gets its inode while the disk may still have it. What is mapped into memory is
 * not looked after.
 *
 * Variables for faults: POWER_FAULT names a file that says, while it is there, which error writing and syncing have
 * ("28" for a full disk, "5" for a broken one, "30" for one that is read-only), then "sync" for an error of syncing alone or
 * "write" for both, then what a path must hold to be concerned.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *shadow, *fault;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    root = getenv("POWER_ROOT");
    shadow = getenv("POWER_SHADOW");
    fault = getenv("POWER_FAULT");
}

static int below_root(int fd, char path[PATH_MAX]) {
    char link[64];
    if (!root) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t size = strlen(root);
    return strncmp(path, root, size) == 0 && (path[size] == '/' || path[size] == 0);
}

/* The error that writing (or syncing) has now; 0 for none. */
static int failing(int fd, int syncing) {
    char text[64] = "", path[PATH_MAX], kind[8], part[48] = "";
    int number;
    if (!fault || !below_root(fd, path)) return 0;
    int file = REAL(open)(fault, O_RDONLY);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0 || sscanf(text, "%d %7s %47s", &number, kind, part) < 2 || !strstr(path, part)) return 0;
    return syncing || strcmp(kind, "sync") ? number : 0;
}

static void keep(const char *name, const char *data, size_t size, int from) {
    char new[PATH_MAX], path[PATH_MAX], block[1 << 16];
    snprintf(path, sizeof path, "%s/%s", shadow, name);
    snprintf(new, sizeof new, "%s/%s.new", shadow, name);
    int file = REAL(open)(new, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) abort();
    if (from < 0) {
        if (REAL(write)(file, data, size) != (ssize_t)size) abort();
    } else {
        off_t offset = 0;
        ssize_t length;
        while ((length = pread(from, block, sizeof block, offset)) > 0) {
            if (REAL(write)(file, block, length) != length) abort();
            offset += length;
        }
    }
    close(file);
    if (REAL(rename)(new, path)) abort();
}

static void keep_file(int fd, const struct stat *status) {
    char name[32], link[64];
    snprintf(name, sizeof name, "f%lu", status->st_ino);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* the descriptor itself may be for writing alone */
    int reading = REAL(open)(link, O_RDONLY);
    if (reading < 0) abort();
    keep(name, NULL, 0, reading);
    close(reading);
}

static void keep_folder(int fd, const struct stat *status) {
    char name[32], *text = NULL;
    size_t size = 0;
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (!folder) abort();
    FILE *stream = open_memstream(&text, &size);
    for (struct dirent *each; (each = readdir(folder));)
        if (strcmp(each->d_name, ".") && strcmp(each->d_name, ".."))
            fprintf(stream, "%lu %c %s\n", each->d_ino, each->d_type == DT_DIR ? 'd' : 'f', each->d_name);
    fclose(stream);
    closedir(folder);
    snprintf(name, sizeof name, "d%lu", status->st_ino);
    keep(name, text, size, -1);
    free(text);
}

static int synced(int fd, int outcome) {
    struct stat status;
    char path[PATH_MAX];
    if (outcome || !shadow || !below_root(fd, path) || fstat(fd, &status)) return outcome;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(status.st_mode)) keep_folder(fd, &status);
    else if (S_ISREG(status.st_mode)) keep_file(fd, &status);
    pthread_mutex_unlock(&lock);
    return outcome;
}

#define FAIL(fd, syncing) \
    do { \
        int error = failing(fd, syncing); \
        if (error) { \
            errno = error; \
            return -1; \
        } \
    } while (0)

int fsync(int fd) {
    FAIL(fd, 1);
    return synced(fd, REAL(fsync)(fd));
}

int fdatasync(int fd) {
    FAIL(fd, 1);
    return synced(fd, REAL(fdatasync)(fd));
}

ssize_t write(int fd, const void *data, size_t size) {
    FAIL(fd, 0);
    return REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    FAIL(fd, 0);
    return REAL(pwrite)(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    FAIL(fd, 0);
    return REAL(pwrite64)(fd, data, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    FAIL(fd, 0);
    return REAL(writev)(fd, parts, count);
}

static void bury(int folder, const char *path) {
    struct stat status;
    char grave[PATH_MAX];
    if (!shadow || fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode)) return;
    snprintf(grave, sizeof grave, "%s/graves/%lu", shadow, status.st_ino);
    linkat(folder, path, AT_FDCWD, grave, 0); /* fails on other file systems, which are none of ours */
}

int unlink(const char *path) {
    bury(AT_FDCWD, path);
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    if (!(flags & AT_REMOVEDIR)) bury(folder, path);
    return REAL(unlinkat)(folder, path, flags);
}

int rename(const char *from, const char *to) {
    bury(AT_FDCWD, to);
    return REAL(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    bury(to_folder, to);
    return REAL(renameat)(from_folder, from, to_folder, to);
}

/* A new folder has nothing on the disk, whatever was there of another one that had its inode. */
static int made(int folder, const char *path, int outcome) {
    struct stat status;
    char kept[PATH_MAX];
    if (outcome || !shadow || fstatat(folder, path, &status, 0)) return outcome;
    snprintf(kept, sizeof kept, "%s/d%lu", shadow, status.st_ino);
    REAL(unlink)(kept);
    return outcome;
}

int mkdir(const char *path, mode_t mode) {
    return made(AT_FDCWD, path, REAL(mkdir)(path, mode));
}

int mkdirat(int folder, const char *path, mode_t mode) {
    return made(folder, path, REAL(mkdirat)(folder, path, mode));
}
