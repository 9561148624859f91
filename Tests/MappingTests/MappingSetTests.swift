import Columns
import JSON
import Mapping
import Testing

@Suite struct MappingSetTests {
    private func problems(_ set: MappingSet, source: [Field]? = nil) -> [MappingProblem] {
        do throws(MappingProblems) {
            _ = try CompiledMapping.compile(set, source: source)
            return []
        } catch {
            return error.problems
        }
    }

    private func set(_ rows: (String, String)..., entity: Entity = .users) -> MappingSet {
        MappingSet(
            stream: "s",
            entity: entity,
            rows: rows.map { MappingRow(sourceField: $0.0, targetField: $0.1) }
        )
    }

    // MARK: - The set as a whole

    @Test func `an unknown target is named with the nearest`() throws {
        let problem = try #require(problems(set(("id", "external_id"), ("mail", "emial"))).first)
        #expect(problem.code == .unknownTarget && problem.rowIndex == 1)
        #expect(problem.message == "users have no field “emial”.")
        #expect(problem.suggestion == "Did you mean email?")
        #expect(problem.caret.isEmpty && problem.line == 0 && problem.column == 0)
    }

    @Test(arguments: [
        ("attributes.cost_centre", true), ("attributes.a", true), ("attributes.x9_", true),
        ("attributes." + String(repeating: "a", count: 63), true),
        ("attributes." + String(repeating: "a", count: 64), false),
        ("attributes.", false), ("attributes.Cost", false), ("attributes.9a", false), ("attributes._a", false),
        ("attributes.a-b", false), ("attributes.a.b", false), ("attributes.é", false), ("Attributes.a", false),
    ])
    func `attributes have names of small letters, digits and underscores`(name: String, isAllowed: Bool) {
        #expect(problems(set(("id", "external_id"), ("x", name))).isEmpty == isAllowed)
        #expect((Entity.users.target(named: name) != nil) == isAllowed)
    }

    @Test func `a target filled twice is refused`() throws {
        let problem = try #require(problems(set(("id", "external_id"), ("a", "email"), ("b", "email"))).first)
        #expect(problem.code == .duplicateTarget && problem.rowIndex == 2)
        #expect(problem.message == "email is filled twice: row 2 maps a to it already.")
    }

    @Test func `required targets must be filled`() {
        let found = problems(set(("id", "external_id"), entity: .enrollments))
        #expect(found.map(\.code) == [.requiredTargetMissing, .requiredTargetMissing])
        #expect(found.map(\.targetField) == ["user_external_id", "course_external_id"])
        #expect(found.allSatisfy { $0.rowIndex == nil })
        #expect(found[0].description.hasPrefix("enrollments need user_external_id, and no row fills it."))
    }

    @Test func `a set has at most 500 rows`() {
        let rows = (0..<500).map { MappingRow(sourceField: "x", targetField: "attributes.a\($0)") }
        var mapping = MappingSet(stream: "s", entity: .users, rows: rows)
        mapping.rows[0].targetField = "external_id"
        #expect(problems(mapping).isEmpty)
        mapping.rows.append(MappingRow(sourceField: "x", targetField: "email"))
        #expect(problems(mapping).map(\.code) == [.tooManyRows])
    }

    @Test func `a required target can't be erased`() {
        var mapping = set(("id", "external_id"))
        mapping.rows[0].empty = .erase
        #expect(problems(mapping).map(\.code) == [.emptyNotAllowed])
    }

    @Test func `a source field that isn't there is named once, with the nearest`() throws {
        let source = [Field(name: "employee_id", type: .utf8), Field(name: "_tf_at", type: .int64)]
        var mapping = set(("employe_id", "external_id"))
        mapping.rows[0].transform = "trim | default(employe_id)"
        let found = problems(mapping, source: source)
        #expect(found.map(\.code) == [.unknownField, .unknownField])
        #expect(found.map(\.column) == [0, 16])
        #expect(found.map(\.suggestion) == ["Did you mean employee_id?", "Did you mean employee_id?"])
        #expect(problems(set(("zzzzzzzz", "external_id")), source: source).first?.suggestion == "It has employee_id.")
        #expect(problems(mapping).isEmpty, "without a schema names go unchecked")
    }

    @Test(arguments: [("", "No source field is named."), ("_tf_at", "Names that begin with _tf_ are reserved.")])
    func `a source field needs a name of its own`(name: String, message: String) {
        #expect(problems(set((name, "external_id"))).map(\.message) == [message])
    }

    @Test(arguments: [
        (ColumnType.list(Field(name: "item", type: .utf8)), "a list"), (.structure([]), "a structure"),
        (.binary, "bytes"),
    ])
    func `a source field of many values is refused`(type: ColumnType, kind: String) {
        let source = [Field(name: "id", type: type)]
        let found = problems(set(("id", "external_id")), source: source)
        #expect(found.map(\.code) == [.unsupportedFieldType])
        #expect(found.map(\.message) == ["“id” is \(kind); a mapping takes single values."])
    }

    @Test func `all that is wrong with a set comes at once, row by row`() {
        var mapping = set(("a", "emial"), ("", "email"), ("c", "email"))
        mapping.rows[2].transform = "lowr"
        let found = problems(mapping)
        #expect(
            found.map(\.code)
                == [.unknownTarget, .unknownField, .duplicateTarget, .unknownFunction, .requiredTargetMissing]
        )
        #expect(found.map(\.rowIndex) == [0, 1, 2, 2, nil])
        #expect(MappingProblems(found).description.split(separator: "\n").count == 7)
    }

    @Test func `columns come in the entity's order, attributes after them by name`() throws {
        let mapping = set(
            ("a", "attributes.z"),
            ("a", "hire_date"),
            ("a", "attributes.b"),
            ("a", "email"),
            ("a", "external_id"),
            ("a", "first_name")
        )
        let mapped = try apply(mapping, to: batch(["a": [nil]]))
        #expect(
            mapped.columns.map(\.target.name)
                == ["external_id", "email", "first_name", "hire_date", "attributes.b", "attributes.z"]
        )
        let compiled = try CompiledMapping.compile(mapping, source: nil)
        #expect(compiled.sourceFields == ["a"] && compiled.entity == .users)
    }

    // MARK: - JSON

    @Test func `a set survives being written and read`() throws {
        let text = """
            {"stream":"people.csv","target_entity":"users","mappings":[\
            {"source_field":"employee_id","target_field":"external_id","transform_function":"trim","write":"always",\
            "empty":"ignore"},\
            {"source_field":"phone","target_field":"phone","transform_function":null,"write":"when_empty","empty":"erase"}]}
            """
        let read = try MappingSet(json: JSONValue(parsing: text))
        #expect(
            read
                == MappingSet(
                    stream: "people.csv",
                    entity: .users,
                    rows: [
                        MappingRow(sourceField: "employee_id", targetField: "external_id", transform: "trim"),
                        MappingRow(sourceField: "phone", targetField: "phone", write: .whenEmpty, empty: .erase),
                    ]
                )
        )
        #expect(read.json.text == text)
        #expect(try MappingSet(json: read.json) == read)
    }

    @Test func `the stream may be missing`() throws {
        let read = try MappingSet(json: JSONValue(parsing: #"{"target_entity": "courses", "mappings": []}"#))
        #expect(read == MappingSet(stream: "", entity: .courses, rows: []))
        #expect(read.json.text == #"{"target_entity":"courses","mappings":[]}"#)
    }

    @Test(arguments: [
        (#"[]"#, ""),
        (#"{"mappings": []}"#, "/target_entity"),
        (#"{"target_entity": "people", "mappings": []}"#, "/target_entity"),
        (#"{"target_entity": "users"}"#, "/mappings"),
        (#"{"target_entity": "users", "mappings": {}}"#, "/mappings"),
        (#"{"target_entity": "users", "mappings": [], "streem": "x"}"#, "/streem"),
        (#"{"target_entity": "users", "mappings": [5]}"#, "/mappings/0"),
        (#"{"target_entity": "users", "mappings": [{"target_field": "email"}]}"#, "/mappings/0/source_field"),
        (#"{"target_entity": "users", "mappings": [{"source_field": "a"}]}"#, "/mappings/0/target_field"),
        (
            #"{"target_entity": "users", "mappings": [{"source_field": "a", "target_field": "email", "write": "never"}]}"#,
            "/mappings/0/write"
        ),
        (
            #"{"target_entity": "users", "mappings": [{"source_field": "a", "target_field": "email", "empty": true}]}"#,
            "/mappings/0/empty"
        ),
        (
            #"{"target_entity": "users", "mappings": [{"source_field": "a", "target_field": "email", "transform": ""}]}"#,
            "/mappings/0/transform"
        ),
    ])
    func `what is no mapping set is refused at its place`(text: String, pointer: String) throws {
        let error = #expect(throws: JSONFieldError.self) { try MappingSet(json: JSONValue(parsing: text)) }
        #expect(error?.pointer == pointer)
    }
}
