package import Mapping

/// Refusals that are found beside the rows of TrainFlow, not by the mapping.
extension FieldFailure {
    package static var withoutKey: FieldFailure {
        FieldFailure(
            field: "external_id",
            source: "",
            code: "required",
            message: "The record has no external id, so it can't be told who it is.",
            hint: "Fill in the field that external_id is mapped from.",
            value: nil
        )
    }

    /// `first` and `second` name the rows: `person 4711 (0190…)`.
    package static func ambiguousMatch(_ first: String, _ second: String) -> FieldFailure {
        FieldFailure(
            field: "external_id",
            source: "",
            code: "ambiguous_match",
            message: "The record could be \(first) or \(second).",
            hint: "Make e-mail and the other match fields of one of them different, or correct the record.",
            value: nil
        )
    }

    package static func notAdopted(_ row: String) -> FieldFailure {
        FieldFailure(
            field: "external_id",
            source: "",
            code: "not_adopted",
            message:
                "The record is \(row), not made by an integration, and the policy forbids to take such rows over.",
            hint: "Set adopt to true in the policy, or take this record out of the source.",
            value: nil
        )
    }

    package static func emailTaken(_ email: String, by row: String) -> FieldFailure {
        FieldFailure(
            field: "email",
            source: "",
            code: "email_taken",
            message: "The e-mail belongs to \(row).",
            hint: "One e-mail belongs to one person: correct it in the source, here or there.",
            value: email
        )
    }

    package static var outdatedReject: FieldFailure {
        FieldFailure(
            field: "",
            source: "",
            code: "outdated",
            message:
                "A later run, or a later record of the same run, has brought something newer, or the export since has no such "
                + "record any more: this one was not put over what stands.",
            hint: "Dismiss this reject if what stands is right; else correct the source and sync.",
            value: nil
        )
    }

    /// Both locators, in the source's own units: `line 7`.
    package static func conflictingRows(_ here: String, _ kept: String) -> FieldFailure {
        FieldFailure(
            field: "external_id",
            source: "",
            code: "conflicting_rows",
            message: "\(here) has the external id of \(kept) and says something else; \(kept) was kept.",
            hint:
                "Remove one of the two from the source, or name an order_field in the policy, so that the newer wins.",
            value: nil
        )
    }

    /// `reference` is the field, `value` what it says.
    package static func unknownReference(_ reference: String, to entity: Entity, _ value: String) -> FieldFailure {
        FieldFailure(
            field: reference,
            source: "",
            code: "unknown_\(entity.noun)",
            message: "No \(entity.noun), or more than one, is known as \(value).",
            hint: "The record waits: the tenant's next \(WaitingRecords.mostTries) runs look again. Bring the "
                + "\(entity.noun) in, or correct the record at the source.",
            value: value
        )
    }

    /// `other` names the enrolment that the config knows already.
    package static func repeatedPair(_ other: String) -> FieldFailure {
        FieldFailure(
            field: "course_external_id",
            source: "",
            code: "conflicting_rows",
            message: "An earlier record of this run was \(other), which has the same person and course.",
            hint: "Remove one of the two from the source, or map external_id, so that they are told apart.",
            value: nil
        )
    }

    /// `row` names what the record was shown to change.
    package static func changedSinceShown(_ row: String) -> FieldFailure {
        FieldFailure(
            field: "",
            source: "",
            code: "changed_since_shown",
            message: "What the record does to \(row) is not what was shown and approved any more.",
            hint: "Nothing was changed. The next sync compares the record with the row as it is now.",
            value: nil
        )
    }

    /// `cause` says what the record would do: `status turns from active to inactive`.
    package static func guardedReplay(_ cause: String) -> FieldFailure {
        FieldFailure(
            field: "",
            source: "",
            code: "guarded",
            message: "The record, tried again by another run, would end something or change a key: \(cause).",
            hint: "Nothing was changed. Sync the record's own configuration: its guard counts and decides.",
            value: nil
        )
    }

    /// `cause` says what the record would do: `status turns from active to inactive`.
    package static func guardedTooLate(_ cause: String) -> FieldFailure {
        FieldFailure(
            field: "",
            source: "",
            code: "guarded",
            message: "The record waited for its e-mail, and would end something or change a key: \(cause).",
            hint: "Nothing was changed, for the guard had counted already. The next sync counts and decides.",
            value: nil
        )
    }

    /// `reason` is the database's sentence, which names columns and constraints, not values.
    package static func refusedByDatabase(_ reason: String) -> FieldFailure {
        FieldFailure(
            field: "",
            source: "",
            code: "refused_by_database",
            message: "The database refused the row: \(reason).",
            hint: "Correct the value, or ask whoever runs TrainFlow which rule of the database stands against it.",
            value: nil
        )
    }
}

/// How long a record waits for what it refers to.
package enum WaitingRecords {
    /// So many later runs of the tenant look again; then it is a reject like any other.
    package static let mostTries: Int64 = 5
}

extension Entity {
    /// One of them, in messages.
    package var noun: String {
        switch self {
        case .users: "person"
        case .courses: "course"
        case .enrollments: "enrolment"
        }
    }
}

extension RowWarning {
    package static func ownedByAnother(_ entity: Entity, row: Int32, locator: Int64) -> RowWarning {
        RowWarning(
            row: row,
            locator: locator,
            field: "external_id",
            code: "owned_by_another",
            message: "The \(entity.noun) belongs to another integration: only what was empty is filled in."
        )
    }

    package static func ownManager(row: Int32, locator: Int64) -> RowWarning {
        RowWarning(
            row: row,
            locator: locator,
            field: "manager_external_id",
            code: "own_manager",
            message: "The record names the person as their own manager: no manager is set."
        )
    }

    /// `locator` is the number of the person's row.
    package static func unknownManager(_ externalID: String, of person: String, locator: Int64) -> RowWarning {
        RowWarning(
            row: 0,
            locator: locator,
            field: "manager_external_id",
            code: "unknown_manager",
            message: "The manager of \(person) is given as \(externalID), whom nobody has as external id yet: "
                + "this is looked for again after each run."
        )
    }
}
