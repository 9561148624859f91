/*
 * Invented people for the benchmarks, and the raw limit they are measured against.
 *
 *   people csv ROWS [shuffled]         writes a CSV of ROWS people × 14 columns to standard output, 0.5 % of them
 * faulty people limit ROWS DB [shuffled]    writes the same people, already mapped, into a fresh SQLite file as fast as
 * a plain loop can, and prints the seconds of the loop: wall and CPU
 *
 * The limit: one prepared upsert a row into one WITHOUT ROWID table of 15 text columns keyed by tenant and external id,
 * 10,000 rows a commit, synchronous=NORMAL. Rows are made before the clock starts.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { FIELDS = 14 };

static const char *const first_names[] = {"Huda", "Ali",  "Wafa",   "Omar",  "Élodie", "Jürgen", "Fatima", "Noor",
                                          "Sami", "Lina", "Yousef", "Priya", "Anna",   "Karim",  "Zoë",    "Tariq"};
/* The same as they stand in e-mail addresses; one address in 64 keeps its accents. */
static const char *const plain_first_names[] = {"Huda",   "Ali",   "Wafa", "Omar", "Elodie", "Juergen",
                                                "Fatima", "Noor",  "Sami", "Lina", "Yousef", "Priya",
                                                "Anna",   "Karim", "Zoe",  "Tariq"};
static const char *const last_names[] = {"Al-Harbi", "Haddad", "Obeidat", "Schmidt", "Öztürk",  "Khan",
                                         "Reyes",    "Santos", "Smith",   "Patel",   "Mansour", "Nasser",
                                         "Dubois",   "Weber",  "Saleh",   "Farouk"};
static const char *const plain_last_names[] = {"Al-Harbi", "Haddad", "Obeidat", "Schmidt", "Oeztuerk", "Khan",
                                               "Reyes",    "Santos", "Smith",   "Patel",   "Mansour",  "Nasser",
                                               "Dubois",   "Weber",  "Saleh",   "Farouk"};
static const char *const departments[] = {"Operations", "Human Resources", "Finance",   "Engineering",
                                          "Sales",      "Legal",           "Marketing", "Procurement"};
static const char *const jobs[] = {"Analyst",    "Engineer", "Team Lead", "Director",
                                   "Technician", "Planner",  "Clerk",     "Trainer"};
static const char *const countries[] = {"SA", "AE", "EG", "DE", "GB", "IN", "JO", "PH"};
static const char *const languages[] = {"en", "ar", "", "de"};
static const char *const raw_status[] = {"Active", "Active", "Active",   "Active",
                                         "Active", "Active", "On Leave", "Terminated"};
static const char *const status[] = {"active", "active", "active",   "active",
                                     "active", "active", "on_leave", "inactive"};

static uint64_t mix(uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

/* What one person is made of; `fault` is 0 for a good row. */
struct person {
    uint32_t number;
    uint64_t dice;
    int fault, day, month, year;
};

static struct person person(uint32_t number) {
    struct person p = {.number = number, .dice = mix(number)};
    p.day = (int)(p.dice >> 8) % 28;
    p.day = p.day < 0 ? -p.day : p.day;
    p.day += 1;
    p.month = 1 + (int)((p.dice >> 16) % 12);
    p.year = 1985 + (int)((p.dice >> 24) % 40);
    p.fault = (p.dice >> 32) % 200 == 0 ? 1 + (int)((p.dice >> 40) % 3) : 0;
    return p;
}

#define PICK(list, shift) list[(p->dice >> (shift)) % (sizeof list / sizeof list[0])]

static const char *mail_first(const struct person *p) {
    return p->number % 64 == 5 ? PICK(first_names, 3) : PICK(plain_first_names, 3);
}

static const char *mail_last(const struct person *p) {
    return p->number % 64 == 5 ? PICK(last_names, 13) : PICK(plain_last_names, 13);
}

static void write_csv(const struct person *p) {
    char manager[16] = "";
    if (p->number > 0) {
        snprintf(manager, sizeof manager, "%08" PRIu32, (p->number - 1) / 8);
    }
    const char *first = PICK(first_names, 3), *last = PICK(last_names, 13);
    int day = p->fault == 3 ? 31 : p->day, month = p->fault == 3 ? 2 : p->month;
    char id[16] = "";
    if (p->fault != 1) {
        snprintf(id, sizeof id, "%08" PRIu32, p->number);
    }
    printf("%s,%s,%s,%s%s.%s.%" PRIu32 "%s%s,u%" PRIu32 ",%s,%s,%s,%s,%s,%s,+966 5%08" PRIu32
           ",%02d/%02d/%d,Riyadh\r\n",
           id, first, last, p->number % 7 == 0 ? " " : "", mail_first(p), mail_last(p), p->number,
           p->fault == 2 ? "#" : "@Example.com", p->number % 11 == 0 ? " " : "", p->number, PICK(raw_status, 21),
           PICK(departments, 29), manager, PICK(jobs, 35), PICK(languages, 45), PICK(countries, 49),
           (uint32_t)(p->dice % 100000000u), day, month, p->year);
}

/* UTF-8 lower case for the letters that the names above have. */
static void lower(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (unsigned char)(*c + 32);
        } else if (*c == 0xC3 && c[1] >= 0x80 && c[1] <= 0x9E && c[1] != 0x97) {
            c[1] = (unsigned char)(c[1] + 0x20);
        }
    }
}

/* The mapped row: FIELDS texts end to end, each ended by NUL. Returns its bytes. */
static size_t map(const struct person *p, char *out, size_t capacity) {
    const char *first = PICK(first_names, 3), *last = PICK(last_names, 13), *language = PICK(languages, 45);
    char email[128], manager[16] = "";
    snprintf(email, sizeof email, "%s.%s.%" PRIu32 "@example.com", mail_first(p), mail_last(p), p->number);
    lower(email);
    if (p->number > 0) {
        snprintf(manager, sizeof manager, "%08" PRIu32, (p->number - 1) / 8);
    }
    int n = snprintf(out, capacity,
                     "%08" PRIu32 "%c%s%cu%" PRIu32 "%c%s%c%s%c%s %s%c%s%c%s%c%s%c%s%c%s%c%s%c+966 5%08" PRIu32
                     "%c%d-%02d-%02d",
                     p->number, 0, email, 0, p->number, 0, first, 0, last, 0, first, last, 0, PICK(status, 21), 0,
                     PICK(departments, 29), 0, manager, 0, PICK(jobs, 35), 0, *language ? language : "en", 0,
                     PICK(countries, 49), 0, (uint32_t)(p->dice % 100000000u), 0, p->year, p->month, p->day);
    return (size_t)n + 1;
}

/* A permutation of 0…rows-1 that every run makes the same. */
static uint32_t *order(uint32_t rows, int shuffled) {
    uint32_t *numbers = malloc(rows * sizeof *numbers);
    if (numbers == NULL) {
        exit(1);
    }
    for (uint32_t i = 0; i < rows; i++) {
        numbers[i] = i;
    }
    for (uint32_t i = rows; shuffled && i > 1; i--) {
        uint32_t other = (uint32_t)(mix(i) % i), kept = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
    return numbers;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void check(sqlite3 *db, int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE) {
        fprintf(stderr, "people: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static int limit(uint32_t rows, const char *path, int shuffled) {
    uint32_t *numbers = order(rows, shuffled);
    char *texts = malloc((size_t)rows * 256);
    uint32_t *starts = malloc((rows + 1) * sizeof *starts), kept = 0;
    if (texts == NULL || starts == NULL) {
        return 1;
    }
    size_t used = 0;
    for (uint32_t i = 0; i < rows; i++) {
        struct person p = person(numbers[i]);
        if (p.fault) {
            continue;
        }
        starts[kept++] = (uint32_t)used;
        used += map(&p, texts + used, 256);
    }
    sqlite3 *db;
    sqlite3_stmt *upsert;
    check(NULL, sqlite3_open(path, &db));
    check(db,
          sqlite3_exec(db,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                       "CREATE TABLE users(tenant TEXT, external_id TEXT, email TEXT, username TEXT, first_name TEXT,"
                       " last_name TEXT, display_name TEXT, status TEXT, department TEXT, manager TEXT, job_title TEXT,"
                       " language TEXT, country TEXT, phone TEXT, hire_date TEXT, PRIMARY KEY(tenant, external_id))"
                       " WITHOUT ROWID",
                       NULL, NULL, NULL));
    check(db,
          sqlite3_prepare_v2(db,
                             "INSERT INTO users VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(tenant, external_id)"
                             " DO UPDATE SET email=excluded.email, username=excluded.username,"
                             " first_name=excluded.first_name, last_name=excluded.last_name,"
                             " display_name=excluded.display_name, status=excluded.status,"
                             " department=excluded.department, manager=excluded.manager,"
                             " job_title=excluded.job_title, language=excluded.language, country=excluded.country,"
                             " phone=excluded.phone, hire_date=excluded.hire_date",
                             -1, &upsert, NULL));
    double wall = seconds(), cpu = cpu_seconds();
    check(db, sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));
    for (uint32_t row = 0; row < kept; row++) {
        sqlite3_bind_text(upsert, 1, "0198c0de-0000-7000-8000-000000000001", 36, SQLITE_STATIC);
        const char *text = texts + starts[row];
        for (int field = 0; field < FIELDS; field++) {
            int length = (int)strlen(text);
            sqlite3_bind_text(upsert, field + 2, text, length, SQLITE_STATIC);
            text += length + 1;
        }
        check(db, sqlite3_step(upsert));
        sqlite3_reset(upsert);
        if (row % 10000 == 9999) {
            check(db, sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL));
        }
    }
    check(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    printf("%.3f %.3f\n", seconds() - wall, cpu_seconds() - cpu);
    sqlite3_finalize(upsert);
    sqlite3_close(db);
    return 0;
}

int main(int count, char **words) {
    uint32_t rows = count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : 0;
    int shuffled = count > 3 && strcmp(words[count - 1], "shuffled") == 0;
    if (count >= 4 && strcmp(words[1], "limit") == 0) {
        return limit(rows, words[3], shuffled);
    }
    if (count < 3 || strcmp(words[1], "csv") != 0) {
        fprintf(stderr, "usage: people csv ROWS [shuffled] | people limit ROWS DB [shuffled]\n");
        return 2;
    }
    uint32_t *numbers = order(rows, shuffled);
    puts(
        "employee_id,first_name,last_name,email,username,status,department,manager_id,job_title,language,country,phone,"
        "hire_date,city\r");
    for (uint32_t i = 0; i < rows; i++) {
        struct person p = person(numbers[i]);
        write_csv(&p);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
