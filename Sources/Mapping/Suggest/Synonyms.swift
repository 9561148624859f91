/// What columns are called that fill a target, in English and Arabic.
struct Synonyms: Sendable {
    /// Mean the target and hardly anything else.
    var strong: [String]
    /// May mean it.
    var weak: [String] = []

    /// By target field; none for targets that aren't an entity's own.
    static func of(_ entity: Entity) -> [String: Synonyms] {
        switch entity {
        case .users: users
        case .courses: courses
        case .enrollments: enrollments
        }
    }

    /// Words before a name that say whose it is: employee_email.
    static func owners(_ entity: Entity) -> Set<String> {
        switch entity {
        case .users:
            [
                "employee", "emp", "user", "person", "staff", "worker", "learner", "student", "member", "contact",
                "trainee",
            ]
        case .courses: ["course", "training", "module", "class", "program", "programme", "item", "lms"]
        case .enrollments: ["enrollment", "enrolment", "registration", "training", "course", "learning", "assignment"]
        }
    }

    /// The same in Arabic, where they stand behind.
    static func arabicOwners(_ entity: Entity) -> Set<String> {
        let words: [String] =
            switch entity {
            case .users: ["الموظف", "للموظف", "الموظفة", "المستخدم", "الطالب", "المتدرب", "العامل"]
            case .courses: ["الدورة", "للدورة", "البرنامج", "المقرر", "التدريب"]
            case .enrollments: ["التسجيل", "القيد", "الدورة"]
            }
        return Set(words.map { NameKey($0).joined })
    }

    private static let people = [
        "employee id", "employee number", "employee no", "employee nr", "employee code", "emp id", "emp no",
        "emp number",
        "emp code", "staff id", "staff number", "staff no", "personnel number", "personnel no", "personnel id",
        "payroll number", "payroll id", "payroll no", "person number", "person id", "user id", "user number",
        "worker id",
        "badge number", "badge id", "student id", "student number", "learner id", "learner number", "member id",
        "participant id", "trainee id", "pernr", "matricule", "الرقم الوظيفي", "رقم الموظف", "رقم الموظفة",
        "معرف الموظف",
        "كود الموظف", "رمز الموظف", "رقم المستخدم", "معرف المستخدم", "الرقم الجامعي", "رقم الطالب", "رقم المتدرب",
        "رقم العامل", "الرقم التعريفي",
    ]

    private static let courseIDs = [
        "course id", "course number", "course no", "course code", "training id", "training code", "training number",
        "course external id", "learning object id", "module id", "module code", "class id", "program id", "item id",
        "رقم الدورة", "معرف الدورة", "رمز الدورة", "كود الدورة", "رقم البرنامج", "رمز البرنامج", "رقم المقرر",
        "رمز المقرر",
    ]

    private static let languages = Synonyms(
        strong: [
            "language", "lang", "language code", "preferred language", "locale", "اللغة", "لغة", "رمز اللغة",
            "اللغة المفضلة",
        ]
    )

    private static let users: [String: Synonyms] = [
        "external_id": Synonyms(
            strong: people + ["external id"],
            weak: ["id", "code", "number", "no", "nr", "key", "identifier", "الرقم", "رقم", "المعرف", "معرف", "م"]
        ),
        "email": Synonyms(
            strong: [
                "email", "e mail", "mail", "email address", "e mail address", "mail address", "work email",
                "email work",
                "business email", "company email", "corporate email", "office email", "primary email", "email id",
                "official email", "البريد الإلكتروني", "بريد إلكتروني", "البريد", "الإيميل", "ايميل", "بريد العمل",
                "عنوان البريد الإلكتروني", "البريد الإلكتروني للعمل", "البريد الرسمي",
            ],
            weak: [
                "personal email", "private email", "home email", "secondary email", "user principal name", "upn",
                "البريد الشخصي", "البريد الإلكتروني الشخصي",
            ]
        ),
        "username": Synonyms(
            strong: [
                "username", "user name", "login", "login name", "login id", "logon name", "account name",
                "sign in name",
                "sam account name", "network id", "اسم المستخدم", "اسم الدخول", "اسم الحساب",
            ],
            weak: ["account", "user", "nickname", "الحساب"]
        ),
        "first_name": Synonyms(
            strong: [
                "first name", "given name", "given names", "forename", "fore name", "f name", "first names", "vorname",
                "prenom", "الاسم الأول", "الاسم الاول للموظف",
            ],
            weak: ["first", "christian name", "الأول"]
        ),
        "last_name": Synonyms(
            strong: [
                "last name", "surname", "family name", "l name", "nachname", "nom de famille", "اسم العائلة", "اللقب",
                "الاسم الأخير", "اسم الأسرة", "الكنية", "لقب العائلة",
            ],
            weak: ["last", "second name", "العائلة", "الأخير"]
        ),
        "display_name": Synonyms(
            strong: [
                "display name", "full name", "complete name", "employee name", "person name", "staff name",
                "worker name",
                "learner name", "student name", "trainee name", "الاسم الكامل", "الاسم بالكامل", "اسم الموظف",
                "الاسم الرباعي",
                "الاسم الثلاثي", "اسم الطالب", "اسم المتدرب", "اسم العرض",
            ],
            weak: ["name", "preferred name", "known as", "الاسم", "اسم"]
        ),
        "status": Synonyms(
            strong: [
                "status", "employee status", "employment status", "user status", "worker status", "account status",
                "staff status", "active", "is active", "active status", "enabled", "الحالة", "حالة الموظف",
                "الحالة الوظيفية",
                "حالة الحساب", "حالة المستخدم", "نشط", "حالة الخدمة",
            ],
            weak: ["state", "employment state", "active flag", "حالة"]
        ),
        "department": Synonyms(
            strong: [
                "department", "dept", "department name", "dept name", "division", "org unit", "organization unit",
                "organizational unit", "organisation unit", "organisational unit", "القسم", "الإدارة", "اسم القسم",
                "اسم الإدارة", "الوحدة التنظيمية",
            ],
            weak: [
                "unit", "business unit", "section", "team", "department code", "dept code", "cost center name",
                "الوحدة",
                "القطاع", "رمز القسم", "الشعبة",
            ]
        ),
        "manager_external_id": Synonyms(
            strong: [
                "manager id", "manager number", "manager no", "manager employee id", "manager employee number",
                "manager code", "manager external id", "supervisor id", "supervisor number", "supervisor no",
                "supervisor employee id", "line manager id", "reports to id", "boss id", "رقم المدير",
                "الرقم الوظيفي للمدير", "معرف المدير", "رقم المشرف", "رقم المدير المباشر", "كود المدير",
            ],
            weak: [
                "manager", "supervisor", "line manager", "reports to", "manager email", "المدير", "المدير المباشر",
                "المشرف",
                "الرئيس المباشر",
            ]
        ),
        "job_title": Synonyms(
            strong: [
                "job title", "position title", "position", "designation", "job name", "job position", "occupation",
                "position name", "role title", "المسمى الوظيفي", "الوظيفة", "المنصب", "اسم الوظيفة", "المسمى", "المهنة",
            ],
            weak: ["title", "role", "job", "function", "profession"]
        ),
        "language": languages,
        "country": Synonyms(
            strong: [
                "country", "country code", "work country", "country region", "country iso", "الدولة", "البلد",
                "رمز الدولة",
                "بلد العمل",
            ],
            weak: ["country name", "nation", "location country", "اسم الدولة"]
        ),
        "phone": Synonyms(
            strong: [
                "phone", "phone number", "phone no", "mobile", "mobile number", "mobile no", "mobile phone", "cell",
                "cell phone", "cellphone", "telephone", "telephone number", "tel", "contact number", "work phone",
                "business phone", "gsm", "الهاتف", "رقم الهاتف", "الجوال", "رقم الجوال", "الموبايل", "رقم الموبايل",
                "هاتف",
                "جوال", "المحمول", "رقم التواصل", "هاتف العمل",
            ],
            weak: ["home phone", "contact", "whatsapp", "fax", "هاتف المنزل"]
        ),
        "hire_date": Synonyms(
            strong: [
                "hire date", "hired on", "date of hire", "date hired", "hired", "date of joining", "joining date",
                "join date", "date joined", "joined on", "doj", "employment date", "employment start date",
                "start of employment",
                "original hire date", "entry date", "commencement date", "تاريخ التعيين", "تاريخ المباشرة",
                "تاريخ الالتحاق",
                "تاريخ الانضمام", "تاريخ بداية العمل", "تاريخ التوظيف",
            ],
            weak: ["start date", "joined", "start", "تاريخ البداية", "تاريخ البدء"]
        ),
    ]

    private static let courses: [String: Synonyms] = [
        "external_id": Synonyms(
            strong: courseIDs + ["external id"],
            weak: ["id", "number", "no", "key", "code", "الرقم", "رقم", "المعرف", "الرمز"]
        ),
        "code": Synonyms(
            strong: [
                "code", "course code", "short code", "course short name", "short name", "training code", "module code",
                "رمز الدورة", "كود الدورة", "الرمز", "رمز المقرر", "رمز البرنامج",
            ],
            weak: ["abbreviation", "course no", "course number"]
        ),
        "title": Synonyms(
            strong: [
                "title", "course title", "course name", "training name", "training title", "module name",
                "module title",
                "program name", "full name", "عنوان الدورة", "اسم الدورة", "العنوان", "اسم البرنامج", "اسم المقرر",
                "عنوان البرنامج", "اسم التدريب",
            ],
            weak: ["name", "course", "subject", "training", "الدورة", "الاسم", "البرنامج"]
        ),
        "description": Synonyms(
            strong: [
                "description", "course description", "summary", "long description", "الوصف", "وصف الدورة",
                "وصف البرنامج",
            ],
            weak: ["details", "overview", "objectives", "objective", "content", "about", "نبذة", "التفاصيل", "الأهداف"]
        ),
        "status": Synonyms(
            strong: [
                "status", "course status", "active", "is active", "published", "is published", "الحالة", "حالة الدورة",
                "منشور", "نشط",
            ],
            weak: ["state", "visibility", "visible", "حالة"]
        ),
        "category": Synonyms(
            strong: [
                "category", "course category", "category name", "subject area", "topic", "التصنيف", "الفئة",
                "فئة الدورة",
                "تصنيف الدورة",
            ],
            weak: ["type", "course type", "area", "domain", "field", "group", "المجال", "نوع الدورة", "النوع"]
        ),
        "duration_minutes": Synonyms(
            strong: [
                "duration minutes", "duration in minutes", "duration min", "duration mins", "minutes", "length minutes",
                "length in minutes", "المدة بالدقائق", "مدة الدورة بالدقائق", "الدقائق",
            ],
            weak: []
        ),
        "language": languages,
    ]

    private static let enrollments: [String: Synonyms] = [
        "external_id": Synonyms(
            strong: [
                "enrollment id", "enrolment id", "enrollment number", "enrolment number", "enrollment no",
                "registration id",
                "registration number", "booking id", "assignment id", "record id", "external id", "رقم التسجيل",
                "معرف التسجيل", "رقم القيد",
            ],
            weak: ["id", "key", "number", "الرقم", "المعرف"]
        ),
        "user_external_id": Synonyms(
            strong: people + ["user external id", "user", "employee"],
            weak: [
                "learner", "student", "participant", "attendee", "person", "staff", "email", "username", "الموظف",
                "المتدرب",
                "الطالب", "المشارك",
            ]
        ),
        "course_external_id": Synonyms(
            strong: courseIDs,
            weak: [
                "course", "training", "module", "class", "course name", "course title", "الدورة", "البرنامج", "المقرر",
            ]
        ),
        "status": Synonyms(
            strong: [
                "status", "enrollment status", "enrolment status", "completion status", "registration status",
                "progress status", "learning status", "course status", "training status", "الحالة", "حالة التسجيل",
                "حالة الإكمال", "حالة الدورة",
            ],
            weak: ["state", "outcome", "completed", "is completed", "حالة"]
        ),
        "progress": Synonyms(
            strong: [
                "progress", "percent complete", "percentage complete", "completion percentage", "progress percent",
                "progress percentage", "completion percent", "completion rate", "نسبة الإكمال", "نسبة الإنجاز",
                "التقدم",
                "نسبة التقدم",
            ],
            weak: ["completion", "percentage", "percent", "النسبة"]
        ),
        "score": Synonyms(
            strong: [
                "score", "grade", "mark", "marks", "final score", "final grade", "final mark", "test score",
                "exam score",
                "score percent", "الدرجة", "درجة الاختبار", "العلامة", "الدرجة النهائية",
            ],
            weak: ["result", "points", "النتيجة", "المعدل"]
        ),
        "enrolled_at": Synonyms(
            strong: [
                "enrolled on", "enrolled at", "enrollment date", "enrolment date", "date enrolled", "enroll date",
                "registration date", "registered on", "registered at", "date registered", "assigned on", "assigned at",
                "assigned date", "assignment date", "تاريخ التسجيل", "تاريخ القيد", "تاريخ الالتحاق", "تاريخ الإسناد",
            ],
            weak: ["start date", "started on", "started at", "created at", "date", "تاريخ البدء", "تاريخ البداية"]
        ),
        "due_at": Synonyms(
            strong: [
                "due date", "due on", "due at", "due", "deadline", "complete by", "target date", "تاريخ الاستحقاق",
                "الموعد النهائي", "آخر موعد",
            ]
        ),
        "completed_at": Synonyms(
            strong: [
                "completed on", "completed at", "completion date", "date completed", "complete date", "finished on",
                "finished at", "finish date", "date of completion", "passed on", "تاريخ الإكمال", "تاريخ الإنجاز",
                "تاريخ إتمام الدورة", "تاريخ الإتمام",
            ],
            weak: ["end date", "ended on", "completed", "finished", "تاريخ الانتهاء", "تاريخ النهاية"]
        ),
    ]
}
