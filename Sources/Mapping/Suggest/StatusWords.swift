/// Words that sources use for states, in English and Arabic.
enum StatusWords {
    /// TrainFlow's word; nil where the source's is not known.
    static func meaning(_ word: String, _ entity: Entity, isTruth: Bool) -> String? {
        let key = NameKey(word).joined
        if let meaning = tables[entity]?[key] { return meaning }
        guard isTruth, let truth = TruthWords.known[TruthWords.key(word)] else { return nil }
        switch entity {
        case .users: return truth ? "active" : "inactive"
        case .courses: return truth ? "active" : "archived"
        case .enrollments: return truth ? "completed" : "in_progress"
        }
    }

    private static let tables: [Entity: [String: String]] = {
        var tables: [Entity: [String: String]] = [:]
        for (entity, words) in [(Entity.users, users), (.courses, courses), (.enrollments, enrollments)] {
            var table: [String: String] = [:]
            for (meaning, list) in words {
                for word in list + [meaning] { table[NameKey(word).joined] = meaning }
            }
            tables[entity] = table
        }
        return tables
    }()

    private static let users: KeyValuePairs<String, [String]> = [
        "active": [
            "a", "act", "enabled", "current", "employed", "working", "in service", "permanent", "probation", "نشط",
            "نشطة",
            "على رأس العمل", "فعال", "مفعل", "يعمل", "مستمر",
        ],
        "on_leave": [
            "leave", "l", "loa", "leave of absence", "maternity leave", "parental leave", "sick leave", "unpaid leave",
            "sabbatical", "إجازة", "في إجازة", "مجاز", "إجازة أمومة", "إجازة مرضية",
        ],
        "suspended": ["s", "blocked", "locked", "on hold", "suspension", "موقوف", "معلق", "محظور", "موقوفة"],
        "inactive": [
            "i", "t", "term", "terminated", "left", "leaver", "resigned", "retired", "former", "ended", "disabled",
            "deactivated", "dismissed", "deceased", "separated", "withdrawn", "contract ended", "غير نشط", "منتهي",
            "مستقيل",
            "متقاعد", "منتهية خدمته", "مفصول", "ترك العمل", "معطل", "منتهي الخدمة", "استقال", "متوفى",
        ],
    ]

    private static let courses: KeyValuePairs<String, [String]> = [
        "draft": [
            "in development", "new", "planned", "unpublished", "pending", "in review", "مسودة", "قيد الإعداد", "جديد",
            "غير منشور",
        ],
        "active": [
            "published", "live", "open", "available", "current", "enabled", "visible", "نشط", "منشور", "متاح", "مفتوح",
            "نشطة",
        ],
        "archived": [
            "retired", "closed", "obsolete", "inactive", "withdrawn", "expired", "deleted", "disabled", "hidden",
            "cancelled",
            "مؤرشف", "مغلق", "ملغي", "ملغاة", "منتهي", "غير نشط",
        ],
    ]

    private static let enrollments: KeyValuePairs<String, [String]> = [
        "enrolled": [
            "registered", "assigned", "not started", "booked", "pending", "approved", "new", "not attempted", "open",
            "مسجل",
            "لم يبدأ", "معين", "مقيد", "مسجلة",
        ],
        "in_progress": [
            "started", "ongoing", "incomplete", "active", "attending", "in process", "not completed", "قيد التنفيذ",
            "جار",
            "جاري", "قيد التقدم", "بدأ", "مستمر", "غير مكتمل",
        ],
        "completed": [
            "complete", "passed", "pass", "done", "finished", "attended", "certified", "successful", "مكتمل", "مكتملة",
            "اجتاز", "ناجح", "منجز", "أكمل", "تم",
        ],
        "failed": ["fail", "not passed", "unsuccessful", "f", "راسب", "لم يجتز", "فشل"],
        "cancelled": [
            "canceled", "withdrawn", "dropped", "removed", "declined", "rejected", "unenrolled", "ملغي", "ملغى",
            "منسحب",
            "انسحب", "مرفوض",
        ],
        "expired": ["lapsed", "overdue", "timed out", "منتهي الصلاحية", "منتهية", "متأخر"],
    ]
}
