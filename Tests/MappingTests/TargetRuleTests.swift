import Mapping
import Testing

@Suite struct TargetRuleTests {
    /// What a plain rename into one field of an entity gives.
    private func outcomes(_ entity: Entity, _ target: String, _ values: [String?]) throws -> [Outcome] {
        let needed = entity.fields.filter { $0.isRequired && $0.name != target }
        let set = MappingSet(
            stream: "s",
            entity: entity,
            rows: [MappingRow(sourceField: "value", targetField: target)]
                + needed.map { MappingRow(sourceField: "id", targetField: $0.name) }
        )
        let mapped = try apply(set, to: batch(["id": values.indices.map { "\($0)" }, "value": values]))
        mapped.checkShape()
        return try mapped.outcomes(target)
    }

    @Test func `identifiers keep their zeros and have no control characters`() throws {
        let longest = String(repeating: "x", count: 255)
        let values = [
            "004996", "a b", "", longest, longest + "x", "a\tb", "a\u{85}", "   ", "\u{A0}", " x", "é\u{7F}", "موظف",
        ]
        let bad = Outcome.failed("invalid_identifier")
        #expect(
            try outcomes(.users, "username", values) == [
                .value("004996"), .value("a b"), .absent, .value(longest), bad, bad, bad, bad, bad, .value(" x"), bad,
                .value("موظف"),
            ]
        )
        #expect(
            try outcomes(.users, "external_id", ["", nil, "0"]) == [
                .failed("required"), .failed("required"), .value("0"),
            ]
        )
    }

    @Test func `texts have no NUL`() throws {
        #expect(try outcomes(.users, "first_name", ["a\u{0}b", "a\nb"]) == [.failed("invalid_text"), .value("a\nb")])
    }

    @Test func `dates are ISO dates that exist`() throws {
        let bad = Outcome.failed("invalid_date")
        #expect(
            try outcomes(
                .users,
                "hire_date",
                ["2024-02-29", "2023-02-29", "2024-2-9", "29/02/2024", "2024-02-29T00:00:00Z"]
            )
                == [.value("2024-02-29"), bad, bad, bad, bad]
        )
    }

    @Test func `times are brought to UTC`() throws {
        let bad = Outcome.failed("invalid_instant")
        #expect(
            try outcomes(
                .enrollments,
                "enrolled_at",
                [
                    "2024-02-29T08:05:00+03:00", "2024-02-29T08:05:00.250Z", "2024-02-29", "2024-02-29 08:05",
                    "2024-02-29T08:05:00",
                ]
            ) == [
                .value("2024-02-29T05:05:00Z"), .value("2024-02-29T08:05:00.25Z"), .value("2024-02-29T00:00:00Z"), bad,
                bad,
            ]
        )
    }

    @Test func `whole numbers are digits within the range`() throws {
        let bad = Outcome.failed("invalid_integer")
        let range = Outcome.failed("out_of_range")
        #expect(
            try outcomes(
                .courses,
                "duration_minutes",
                [
                    "90", "0090", "-0", "-1", "1000000", "1000001", "9.5", "+9", "٩", "", "99999999999999999999", "1e3",
                    "-",
                ]
            ) == [
                .value("90"), .value("90"), .value("0"), range, .value("1000000"), range, bad, bad, bad, .absent, bad,
                bad, bad,
            ]
        )
    }

    @Test func `numbers are plain decimals within the range`() throws {
        let bad = Outcome.failed("invalid_number")
        let range = Outcome.failed("out_of_range")
        #expect(
            try outcomes(
                .enrollments,
                "score",
                [
                    "87.50", "087", "0.0", "-0.0", "100", "100.01", "-1", ".5", "5.", "1,5", "1e2", "nan", "1.2.3",
                    "--1", "٥",
                ]
            ) == [
                .value("87.5"), .value("87"), .value("0"), .value("0"), .value("100"), range, range, bad, bad, bad, bad,
                bad, bad,
                bad, bad,
            ]
        )
    }

    @Test func `choices are taken to the letter`() throws {
        let bad = Outcome.failed("not_allowed")
        #expect(
            try outcomes(.users, "status", ["active", "Active", "on_leave", "active ", ""]) == [
                .value("active"), bad, .value("on_leave"), bad, .absent,
            ]
        )
        #expect(
            try transform("valueMap({'A': 'active'}) | default('inactive')", ["A", "x"], target: "status") == [
                .value("active"), .value("inactive"),
            ]
        )
        #expect(
            try transform(
                "valueMap({'A': 'active'}) | default(other)",
                ["A", ""],
                fields: ["other": ["x", "x"]],
                target: "status"
            ) == [.value("active"), bad]
        )
    }

    @Test func `what was proven by a function is not lost by the next`() throws {
        #expect(
            try transform("email | concatNonEmpty('', other)", ["a@b.c"], fields: ["other": ["@"]], target: "email")
                == [.failed("invalid_email")]
        )
        #expect(
            try transform("email | default(other)", [""], fields: ["other": ["x"]], target: "email") == [
                .failed("invalid_email")
            ]
        )
        #expect(try transform("email | upper", ["a@b.c"], target: "email") == [.value("A@B.C")])
        #expect(
            try transform(
                "parseDate('yyyyMMdd') | default(other | parseDate('dd/MM/yyyy'))",
                [""],
                fields: ["other": ["31/12/2020"]],
                target: "hire_date"
            ) == [.value("2020-12-31")]
        )
    }
}
