/// What a stream becomes in TrainFlow.
package enum Entity: String, Sendable, CaseIterable, Hashable {
    case users, courses, enrollments
}

/// One column that a mapping can fill.
package struct TargetField: Sendable, Hashable {
    /// `email`, or `attributes.cost_centre` for a tenant's own.
    package var name: String
    package var rule: Rule
    package var isRequired: Bool

    /// How a value is checked before it is accepted.
    package enum Rule: Sendable, Hashable {
        case text
        /// An identifier: text without control characters, at most 255 bytes, never a number.
        case identifier
        case email
        /// A calendar date, kept as ISO text.
        case date
        /// An instant, kept as ISO text in UTC.
        case instant
        case integer(ClosedRange<Int64>)
        case number(ClosedRange<Double>)
        case oneOf([String])
    }

    package init(_ name: String, _ rule: Rule = .text, isRequired: Bool = false) {
        self.name = name
        self.rule = rule
        self.isRequired = isRequired
    }
}

extension Entity {
    /// The entity's own fields, in the order in which rows are hashed and stored. New ones go to the end.
    package var fields: [TargetField] {
        switch self {
        case .users:
            [
                TargetField("external_id", .identifier, isRequired: true),
                TargetField("email", .email),
                TargetField("username", .identifier),
                TargetField("first_name"),
                TargetField("last_name"),
                TargetField("display_name"),
                TargetField("status", .oneOf(["active", "on_leave", "suspended", "inactive"])),
                TargetField("department"),
                TargetField("manager_external_id", .identifier),
                TargetField("job_title"),
                TargetField("language"),
                TargetField("country"),
                TargetField("phone"),
                TargetField("hire_date", .date),
            ]
        case .courses:
            [
                TargetField("external_id", .identifier, isRequired: true),
                TargetField("code", .identifier),
                TargetField("title"),
                TargetField("description"),
                TargetField("status", .oneOf(["draft", "active", "archived"])),
                TargetField("category"),
                TargetField("duration_minutes", .integer(0...1_000_000)),
                TargetField("language"),
            ]
        case .enrollments:
            [
                TargetField("external_id", .identifier),
                TargetField("user_external_id", .identifier, isRequired: true),
                TargetField("course_external_id", .identifier, isRequired: true),
                TargetField(
                    "status",
                    .oneOf(["enrolled", "in_progress", "completed", "failed", "cancelled", "expired"])
                ),
                TargetField("progress", .number(0...100)),
                TargetField("score", .number(0...100)),
                TargetField("enrolled_at", .instant),
                TargetField("due_at", .instant),
                TargetField("completed_at", .instant),
            ]
        }
    }
}
