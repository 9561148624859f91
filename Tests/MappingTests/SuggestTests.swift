import Columns
import Foundation
import Mapping
import TestSupport
import Testing
import Time

@Suite struct SuggestTests {
    private func suggest(_ columns: [(String, [String?])], _ entity: Entity = .users) -> MappingSuggestions {
        MappingSuggester.suggest(columns.map { SourceColumn(name: $0.0, samples: $0.1) }, entity)
    }

    /// The columns of a sample file, with the values of its first rows.
    private func columns(_ file: String, separator: Character, rows: Int = 200) throws -> [SourceColumn]? {
        guard let folder = Repository.suite("people") else { return nil }
        let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
        let records = SimpleCSV.records(
            text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text,
            separator: separator
        )
        let header = try #require(records.first)
        let sample = records.dropFirst().prefix(rows)
        return header.indices.map { index in
            SourceColumn(name: header[index], samples: sample.map { $0[index].isEmpty ? nil : $0[index] })
        }
    }

    private func lines(_ suggestions: MappingSuggestions) -> [String] {
        suggestions.proposals.map { "\($0.sourceField) → \($0.targetField): \($0.transform ?? "")" }
    }

    /// Every proposal is a mapping that compiles, and takes nearly all rows of the file.
    private func check(_ suggestions: MappingSuggestions, _ columns: [SourceColumn], _ entity: Entity) throws {
        let rows = suggestions.proposals.map {
            MappingRow(sourceField: $0.sourceField, targetField: $0.targetField, transform: $0.transform)
        }
        let set = MappingSet(stream: "s", entity: entity, rows: rows)
        let batch = Batch(columns: columns.map { textColumn($0.name, $0.samples) }, count: columns[0].samples.count)
        let mapping = try CompiledMapping.compile(
            set,
            source: batch.columns.map(\.field),
            environment: environment(for: set)
        )
        let mapped = mapping.apply(batch, today: try #require(today))
        mapped.checkShape()
        #expect(mapped.accepted.count * 100 >= batch.count * 95, "\(mapped.rejects.prefix(3))")
        for proposal in suggestions.proposals {
            #expect(0.5...1 ~= proposal.confidence && !proposal.reason.isEmpty, "\(proposal)")
        }
        let seen = Set(suggestions.proposals.map(\.sourceField)).union(suggestions.leftOut.map(\.sourceField))
        #expect(seen == Set(columns.map(\.name)))
    }

    @Test func `the sample people`() throws {
        guard let columns = try columns("people.csv", separator: ",") else { return print("suite people: absent") }
        let suggestions = MappingSuggester.suggest(columns, .users)
        #expect(
            lines(suggestions) == [
                "employee_id → external_id: trim", "email → email: trim | lower | email",
                "first_name → first_name: normalizeSpace", "last_name → last_name: normalizeSpace",
                "first_name → display_name: normalizeSpace | concatNonEmpty(\" \", last_name | normalizeSpace)",
                "status → status: trim | valueMap({\"Active\": \"active\", \"On Leave\": \"on_leave\", \"Terminated\": \"inactive\"})",
                "department → department: normalizeSpace", "manager_id → manager_external_id: trim",
                "job_title → job_title: normalizeSpace", "country → country: trim | upper", "phone → phone: trim",
                "hire_date → hire_date: trim | parseDate(\"dd/MM/yyyy\")",
            ]
        )
        #expect(suggestions.missing.isEmpty)
        try check(suggestions, columns, .users)
    }

    @Test func `the sample courses`() throws {
        guard let columns = try columns("courses.csv", separator: ",") else { return print("suite people: absent") }
        let suggestions = MappingSuggester.suggest(columns, .courses)
        #expect(
            lines(suggestions) == [
                "course_code → external_id: trim", "course_code → code: trim", "title → title: normalizeSpace",
                "category → category: normalizeSpace", "language → language: trim",
            ]
        )
        let hours = suggestions.leftOut.first { $0.sourceField == "duration_hours" }
        #expect(hours?.reason == "duration_minutes takes minutes, and these are hours.")
        try check(suggestions, columns, .courses)
    }

    @Test func `the sample enrolments`() throws {
        guard let columns = try columns("enrollments.csv", separator: ";") else { return print("suite people: absent") }
        let suggestions = MappingSuggester.suggest(columns, .enrollments)
        #expect(
            lines(suggestions) == [
                "enrollment_id → external_id: trim", "employee_id → user_external_id: trim",
                "course_code → course_external_id: trim",
                "status → status: trim | valueMap({\"Cancelled\": \"cancelled\", \"Completed\": \"completed\", "
                    + "\"Enrolled\": \"enrolled\", \"Failed\": \"failed\", \"In Progress\": \"in_progress\"})",
                "score → score: trim", "enrolled_on → enrolled_at: trim | parseDate(\"dd/MM/yyyy\")",
                "completed_on → completed_at: trim | parseDate(\"dd/MM/yyyy\")",
            ]
        )
        try check(suggestions, columns, .enrollments)
    }

    @Test func `Arabic headers and values`() {
        let suggestions = suggest([
            ("الرقم الوظيفي", ["٠٠١٢٣", "٠٠١٢٤", "٠٠١٢٥"]),
            ("الاسم الأول", ["هدى", "خالد", "ريم"]), ("اسم العائلة", ["الحربي", "القاسم", "السيد"]),
            ("البريد الإلكترونى", ["huda@example.com", "k@example.com", "r@example.com"]),
            ("الحالة", ["نشط", "في إجازة", "منتهي الخدمة"]), ("القسم", ["المالية", "الموارد البشرية", "المالية"]),
            ("المسمّى الوظيفي", ["محاسب", "مدير", "محاسب"]), ("رقم الجوّال", ["٠٥٠١٢٣٤٥٦٧", "0501234568", nil]),
            ("تاريخ التعيين", ["١٤٤٥/٠٩/٠١", "1440/01/15", "1446/12/29"]),
            ("الرقم الوظيفي للمدير", ["٠٠٠٠١", "٠٠٠٠١", "٠٠٠٠١"]), ("ملاحظات", ["x", "y", "z"]),
        ])
        #expect(
            lines(suggestions) == [
                "الرقم الوظيفي → external_id: trim | westernDigits",
                "البريد الإلكترونى → email: trim | lower | email", "الاسم الأول → first_name: normalizeSpace",
                "اسم العائلة → last_name: normalizeSpace",
                "الاسم الأول → display_name: normalizeSpace | concatNonEmpty(\" \", `اسم العائلة` | normalizeSpace)",
                "الحالة → status: trim | valueMap({\"في إجازة\": \"on_leave\", \"منتهي الخدمة\": \"inactive\", \"نشط\": \"active\"})",
                "القسم → department: normalizeSpace",
                "الرقم الوظيفي للمدير → manager_external_id: trim | westernDigits",
                "المسمّى الوظيفي → job_title: normalizeSpace", "رقم الجوّال → phone: trim | westernDigits",
                "تاريخ التعيين → hire_date: trim | westernDigits | parseHijri(\"yyyy/MM/dd\")",
            ]
        )
        #expect(suggestions.leftOut.map(\.sourceField) == ["ملاحظات"])
    }

    @Test(arguments: [
        ("EmployeeID", "external_id"), ("EMP NO.", "external_id"), ("Personnel-Number", "external_id"),
        ("user_email", "email"), ("E-Mail Address", "email"), ("Emial", "email"), ("GivenName", "first_name"),
        ("Prénom", "first_name"), ("employee_first_name_en", "first_name"), ("SURNAME", "last_name"),
        ("Dept.", "department"), ("Line Manager ID", "manager_external_id"), ("Date of Joining", "hire_date"),
        ("Mobile No.", "phone"), ("sAMAccountName", "username"), ("رقم الموظّف", "external_id"),
        ("أسم المستخدم", "username"), ("حالة الموظف", "status"), ("Designation", "job_title"),
    ])
    func `names are known however they are written`(name: String, target: String) {
        #expect(suggest([(name, [])]).proposals.map(\.targetField) == [target], "\(name)")
    }

    @Test(arguments: ["birth_date", "national_id", "salary", "termination_date", "gender", "x", "", "---", "grade"])
    func `what has no target is left out`(name: String) {
        let suggestions = suggest([(name, [])])
        #expect(suggestions.proposals.isEmpty, "\(suggestions.proposals)")
        #expect(suggestions.leftOut.count == 1 && suggestions.missing == ["external_id"])
    }

    private func hireDate(_ values: [String?], others: [(String, [String?])] = []) -> (String?, String) {
        let suggestions = suggest([("hire_date", values)] + others)
        if let found = suggestions.proposals.first(where: { $0.targetField == "hire_date" }) {
            return (found.transform, found.reason)
        }
        return (nil, suggestions.leftOut.first { $0.sourceField == "hire_date" }?.reason ?? "")
    }

    @Test func `the order of day and month is shown by a value, by another column, or left open`() {
        #expect(hireDate(["03/02/2024", "28/02/2024"]).0 == "trim | parseDate(\"dd/MM/yyyy\")")
        #expect(hireDate(["03/02/2024", "02/28/2024"]).0 == "trim | parseDate(\"MM/dd/yyyy\")")
        let open = hireDate(["03/02/2024", "04/02/2024"])
        #expect(open.0 == nil)
        #expect(open.1.contains("could be dd/MM/yyyy or MM/dd/yyyy"))
        let mixed = hireDate(["28/02/2024", "02/28/2024", "03/02/2024"])
        #expect(mixed.0 == nil && mixed.1.contains("others only"))
        let known = hireDate(["03/02/2024"], others: [("born", ["31/12/1990", "01/01/1991"])])
        #expect(known.0 == "trim | parseDate(\"dd/MM/yyyy\")")
        #expect(known.1.contains("that of born"))
        // Two columns that contradict each other show nothing.
        let torn = hireDate(["03/02/2024"], others: [("born", ["31/12/1990"]), ("left", ["12/31/2020"])])
        #expect(torn.0 == nil)
        // One odd row among many is dirt.
        let dirt = Array(repeating: "28/02/2024", count: 20) + ["02/28/2024"]
        #expect(hireDate(dirt).0 == "trim | parseDate(\"dd/MM/yyyy\")")
    }

    @Test(arguments: [
        (["2024-02-03", "2024-12-31"], "trim | parseDate(\"yyyy-MM-dd\")"),
        (["3.2.2024", "28.2.2024"], "trim | parseDate(\"d.M.yyyy\")"),
        (["03-Feb-2024", "28-Mar-2024"], "trim | parseDate(\"dd-MMM-yyyy\")"),
        (["20240203", "20241231"], "trim | parseDate(\"yyyyMMdd\")"),
        (["28/02/24", "03/04/25"], "trim | parseDate(\"dd/MM/yy\", 1950)"),
        (["2024-02-03T08:05:00Z"], "trim | parseDate(\"yyyy-MM-dd'T'HH:mm:ssXXX\") | dateInZone(\"UTC\")"),
        (["2024-02-03 00:00:00"], "trim | parseDate(\"yyyy-MM-dd HH:mm:ss\", \"UTC\") | dateInZone(\"UTC\")"),
        (["٠٣/٠٢/٢٠٢٤", "٢٨/٠٢/٢٠٢٤"], "trim | westernDigits | parseDate(\"dd/MM/yyyy\")"),
        (["01/09/1445", "29/12/1446"], "trim | parseHijri(\"dd/MM/yyyy\")"),
    ])
    func `forms of dates are found`(values: [String], transform: String) {
        #expect(hireDate(values).0 == transform)
    }

    @Test func `values speak for and against a name`() throws {
        // A column full of addresses is the e-mail, whatever it is called; one called e-mail without any is not.
        let shaped = suggest([
            ("contact_1", ["a@example.org", "b@example.org", "c@example.org"]), ("email", ["yes", "no", "no"]),
        ])
        #expect(shaped.proposals.map(\.sourceField) == ["contact_1"])
        #expect(shaped.leftOut.first?.reason == "Most of its values are no e-mail addresses.")
        let sure = try #require(suggest([("email", ["a@example.org"])]).proposals.first)
        let blind = try #require(suggest([("email", [])]).proposals.first)
        #expect(sure.confidence > blind.confidence)
        // Of two that are called so, the one with values.
        let filled = suggest([
            ("phone", [nil, nil, nil, "0501234567"]), ("mobile", ["0501234567", "0501234568", nil, "0501234569"]),
        ])
        #expect(filled.proposals.map(\.sourceField) == ["mobile"])
        #expect(filled.leftOut.first?.reason == "It could be phone; mobile is surer.")
    }

    @Test func `status words, known and unknown`() throws {
        func status(_ values: [String?], _ entity: Entity = .users) -> MappingSuggestion? {
            suggest([("status", values)], entity).proposals.first
        }
        #expect(status(["active", "inactive"])?.transform == "trim")
        #expect(status(["ACTIVE", "Inactive"])?.transform == "trim | lower")
        #expect(
            status(["Yes", "No", nil])?.transform == "trim | valueMap({\"No\": \"inactive\", \"Yes\": \"active\"})"
        )
        let some = try #require(status(["Active", "Retired", "Zzz"]))
        #expect(some.transform == "trim | valueMap({\"Active\": \"active\", \"Retired\": \"inactive\"})")
        #expect(some.reason.contains("“Zzz”"))
        #expect(status(["X1", "X2"]) == nil)
        #expect(status((0..<50).map { "\($0)" }) == nil)
        #expect(
            status(["Not Started", "PASSED", "withdrawn"], .enrollments)?.transform
                == "trim | valueMap({\"Not Started\": \"enrolled\", \"PASSED\": \"completed\", \"withdrawn\": \"cancelled\"})"
        )
        #expect(status(["a\"b\\", "Active"])?.transform == "trim | valueMap({\"Active\": \"active\"})")
    }

    @Test func `numbers with separators and percent signs`() {
        func progress(_ values: [String]) -> String? {
            suggest([("progress", values)], .enrollments).proposals.first?.transform
        }
        #expect(progress(["10", "20.5"]) == "trim")
        #expect(progress(["10%", "20 %"]) == "trim | regexReplace(\"\\\\s*%$\", \"\")")
        #expect(progress(["10,5", "20,25"]) == "trim | parseNumber(\"de\")")
        #expect(progress(["high", "low"]) == nil)
    }

    @Test func `one name for all is taken apart, with a warning`() {
        let suggestions = suggest([("Employee Name", ["Huda Khalid Al-Harbi", "Omar Saleh"])])
        #expect(
            lines(suggestions) == [
                "Employee Name → first_name: splitName | item(0)", "Employee Name → last_name: splitName | item(2)",
                "Employee Name → display_name: normalizeSpace",
            ]
        )
    }

    @Test func `typed columns need no reading`() {
        let columns = [
            SourceColumn(name: "hire_date", type: .date32),
            SourceColumn(name: "skills", type: .list(Field(name: "item", type: .utf8))),
            SourceColumn(name: "employee_id", type: .int64, samples: ["1", "2"]),
        ]
        let suggestions = MappingSuggester.suggest(columns, .users)
        #expect(lines(suggestions) == ["employee_id → external_id: trim", "hire_date → hire_date: "])
    }

    @Test func `any columns give proposals that compile`() throws {
        var generator = SeededGenerator(seed: 5)
        let names = [
            "id", "Email", "الاسم", "start date", "`x`", "status", "الحالة", "Score %", "a\"b", "true", "code", "title",
        ]
        let values: [String?] = [
            nil, "", " ", "1", "01/02/2024", "x@example.org", "\"\\", "نشط", "1,5", "\u{200F}", "Yes", "\n",
        ]
        for _ in 0..<300 {
            let columns = names.shuffled(using: &generator).prefix(5).map { name in
                SourceColumn(name: name, samples: (0..<4).map { _ in values.randomElement(using: &generator) ?? nil })
            }
            for entity in Entity.allCases {
                let suggestions = MappingSuggester.suggest(columns, entity)
                let rows = suggestions.proposals.map {
                    MappingRow(sourceField: $0.sourceField, targetField: $0.targetField, transform: $0.transform)
                }
                let set = MappingSet(stream: "s", entity: entity, rows: rows)
                do throws(MappingProblems) {
                    _ = try CompiledMapping.compile(set, source: nil, environment: environment(for: set))
                } catch {
                    let others = error.problems.filter { $0.code != .requiredTargetMissing }
                    #expect(others.isEmpty, "\(others)")
                }
            }
        }
    }
}
