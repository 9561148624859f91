import Columns
import Mapping
import Testing

@Suite struct EmptinessTests {
    private let values: [String?] = ["x", "", nil, " "]

    @Test func `empty and null say nothing by default`() throws {
        #expect(try transform(nil, values) == [.value("x"), .absent, .absent, .value(" ")])
        #expect(try transform("trim", values) == [.value("x"), .absent, .absent, .absent])
    }

    @Test func `empty and null erase where the rule says so`() throws {
        #expect(try transform(nil, values, empty: .erase) == [.value("x"), .erase, .erase, .value(" ")])
        #expect(try transform("trim", values, empty: .erase) == [.value("x"), .erase, .erase, .erase])
        #expect(
            try transform("trim | default('y')", values, empty: .erase).suffix(3) == [
                .value("y"), .value("y"), .value("y"),
            ]
        )
    }

    @Test func `a column that the source doesn't have never erases`() throws {
        let row = MappingRow(sourceField: "gone", targetField: "phone", empty: .erase)
        let mapping = try CompiledMapping.compile(people(row), source: nil)
        let mapped = mapping.apply(batch(["id": ["1", "2"]]), today: try #require(today))
        #expect(try mapped.outcomes("phone") == [.absent, .absent])
        #expect(mapped.accepted == [0, 1])
    }

    @Test func `a value that a row lacks never erases, while null and empty do`() throws {
        let row = MappingRow(sourceField: "phone", targetField: "phone", empty: .erase)
        let mapping = try CompiledMapping.compile(people(row), source: nil)
        var source = batch(["id": ["1", "2", "3", "4"], "phone": ["x", "", nil, nil]])
        source.columns.append(AbsentValues.column([[], [], [], [1]]))
        let mapped = mapping.apply(source, today: try #require(today))
        #expect(try mapped.outcomes("phone") == [.value("x"), .erase, .erase, .absent])
        let preview = mapping.preview(source, today: try #require(today), shown: 10)
        #expect(try preview.batch.outcomes("phone") == [.value("x"), .erase, .erase, .absent])
    }

    @Test func `what is made of several fields erases only if all are there`() throws {
        let rows = [
            MappingRow(sourceField: "a", targetField: "phone", transform: "coalesce(b)", empty: .erase),
            MappingRow(sourceField: "a", targetField: "job_title", transform: "default('none')", empty: .erase),
        ]
        let mapping = try CompiledMapping.compile(people(rows[0], rows[1]), source: nil)
        var source = batch(["id": ["1", "2", "3", "4"], "a": [nil, nil, "", nil], "b": [nil, "y", nil, nil]])
        // Of the columns id, a and b.
        source.columns.append(AbsentValues.column([[], [1], [2], [1, 2]]))
        let mapped = mapping.apply(source, today: try #require(today))
        #expect(try mapped.outcomes("phone") == [.erase, .value("y"), .absent, .absent])
        #expect(try mapped.outcomes("job_title") == [.value("none"), .value("none"), .value("none"), .value("none")])
    }

    @Test func `a rejected row keeps apart what it lacks`() throws {
        var source = batch(["id": ["", "1"], "name": [nil, "b"], "phone": [nil, nil]])
        source.columns.append(AbsentValues.column([[1], []]))
        let mapped = try apply(people(), to: source)
        #expect(
            mapped.rejects.map(\.raw) == [
                [
                    RawField(name: "id", value: ""), RawField(name: "name", value: nil, isAbsent: true),
                    RawField(name: "phone", value: nil),
                ]
            ]
        )
    }

    @Test func `a missing key column rejects every row`() throws {
        let mapping = try CompiledMapping.compile(people(), source: nil)
        let mapped = mapping.apply(batch(["name": ["a", "b"]]), today: try #require(today))
        mapped.checkShape()
        #expect(mapped.rejects.map { $0.failures.map(\.code) } == [["required"], ["required"]])
    }

    @Test func `a required target without a value rejects the row`() throws {
        let mapped = try apply(people(), to: batch(["id": ["1", "", nil], "name": ["a", "b", "c"]]))
        mapped.checkShape()
        #expect(mapped.accepted == [0])
        #expect(mapped.rejects.map(\.row) == [1, 2])
        #expect(
            mapped.rejects[1].failures == [
                FieldFailure(
                    field: "external_id",
                    source: "id",
                    code: "required",
                    message: "external_id needs a value, and id has none.",
                    hint: "Fill in id at the source, or give external_id a default(…) in the mapping.",
                    value: nil
                )
            ]
        )
        #expect(mapped.rejects.map { $0.failures[0].value } == ["", nil])
        #expect(mapped.rejects[1].raw == [RawField(name: "id", value: nil), RawField(name: "name", value: "c")])
        #expect(mapped.rejects.allSatisfy { $0.key == nil })
    }

    @Test func `functions leave empty and null as they are`() throws {
        let values: [String?] = ["", nil]
        for function in MappingFunction.catalogue {
            if ["default", "require", "concatNonEmpty", "coalesce"].contains(function.name) { continue }
            if function.name == "lookup" {
                // The tests' table lists "".
                #expect(try transform("lookup(\"departments\")", values) == [.value("None"), .value("None")])
                continue
            }
            // Each as its first example without default, up to the function itself.
            let calls = function.examples.map(\.transform)
            let call = try #require(calls.first { !$0.contains("default") && !$0.contains("coalesce") })
            #expect(try transform(call, values) == [.absent, .absent], "\(call)")
        }
    }

    @Test func `require rejects what is empty where it stands`() throws {
        #expect(
            try transform("require", values) == [.value("x"), .failed("required"), .failed("required"), .value(" ")]
        )
        #expect(try transform("trim | require", values)[3] == .failed("required"))
        #expect(try transform("default('y') | require", values)[1] == .value("y"))
        #expect(
            try transform("require | default('y')", values)[1] == .failed("required"),
            "default mends only valueMap"
        )
    }

    @Test func `default takes fields, null, and stands in for what valueMap doesn't list`() throws {
        let map = "valueMap({\"A\": \"a\", \"-\": null, \"E\": \"\"})"
        let values: [String?] = ["A", "X", "-", "E", "", nil]
        let other: [String?] = ["1", "2", "3", nil, "5", ""]
        #expect(
            try transform(map, values)
                == [.value("a"), .failed("unlisted_value"), .absent, .absent, .absent, .absent]
        )
        #expect(
            try transform("\(map) | default(other)", values, fields: ["other": other])
                == [.value("a"), .value("2"), .value("3"), .absent, .value("5"), .absent]
        )
        #expect(
            try transform("\(map) | upper | default('z')", values)
                == [.value("A"), .value("z"), .value("z"), .value("z"), .value("z"), .value("z")]
        )
        #expect(try transform("\(map) | default(null)", values)[1] == .absent)
        #expect(try transform("valueMap({\"\": \"none\"})", ["", nil]) == [.value("none"), .value("none")])
        #expect(
            try transform("default(other | \(map))", [nil, "", "x"], fields: ["other": ["A", "X", "X"]])
                == [.value("a"), .failed("unlisted_value"), .value("x")],
            "an argument fails only the rows that use it"
        )
    }

    @Test func `dates take dates as defaults`() throws {
        #expect(
            try transform("parseDate('dd/MM/yyyy') | default('2020-02-29')", ["", "01/02/2021"], target: "hire_date")
                == [.value("2020-02-29"), .value("2021-02-01")]
        )
    }

    @Test func `parts that failed fail what they are joined to`() throws {
        let fields = ["other": ["A", "X", nil] as [String?]]
        #expect(
            try transform("concatNonEmpty('-', other | valueMap({'A': 'a'}))", ["1", "2", nil], fields: fields)
                == [.value("1-a"), .failed("unlisted_value"), .absent]
        )
    }
}
