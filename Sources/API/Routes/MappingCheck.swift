internal import Columns
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync

/// Lines of a table, set by set, and what is wrong with them.
struct MappingCheck: Sendable {
    private(set) var groups: [Group] = []
    /// What the transforms use besides their values.
    private let environment: MappingEnvironment

    /// The lines of one stream and entity.
    struct Group: Sendable {
        var set: MappingSet
        /// Where its rows stand among the lines.
        var places: [Int]
    }

    private init(_ drafts: [MappingDraft], _ environment: MappingEnvironment) {
        self.environment = environment
        for (place, draft) in drafts.enumerated() {
            let group = groups.firstIndex { $0.set.stream == draft.stream && $0.set.entity == draft.entity }
            if let group {
                groups[group].set.rows.append(draft.row)
                groups[group].places.append(place)
            } else {
                let set = MappingSet(stream: draft.stream, entity: draft.entity, rows: [draft.row])
                groups.append(Group(set: set, places: [place]))
            }
        }
    }

    /// - Parameter context: where the tenant's lookup tables are.
    init(_ drafts: [MappingDraft], _ context: APIContext, tenant: UUID) async throws {
        let sets = MappingCheck(drafts, MappingEnvironment()).groups.map(\.set)
        let surroundings = MappingSurroundings(store: context.store)
        self.init(drafts, try await surroundings.environment(for: sets, tenant: tenant))
    }

    /// Everything at once, each naming its line.
    ///
    /// - Parameter fields: of a stream; nil where they are not known.
    func problems(_ fields: (_ stream: String) -> [Field]? = { _ in nil }) -> [MappingProblem] {
        var problems: [MappingProblem] = []
        for group in groups {
            do throws(MappingProblems) {
                _ = try compiled(group, fields(group.set.stream))
            } catch {
                problems += error.problems
            }
        }
        return problems
    }

    /// Problems name the lines' places.
    func compiled(_ group: Group, _ fields: [Field]?) throws(MappingProblems) -> CompiledMapping {
        do throws(MappingProblems) {
            return try CompiledMapping.compile(group.set, source: fields, environment: environment)
        } catch {
            throw MappingProblems(
                error.problems.map { problem in
                    var problem = problem
                    problem.rowIndex = problem.rowIndex.map { group.places[$0] }
                    return problem
                }
            )
        }
    }

    /// Refuses the whole with all that is wrong.
    func require() throws(MappingProblems) {
        let problems = problems()
        guard problems.isEmpty else { throw MappingProblems(problems) }
    }

    /// Refuses the last line with what is wrong with it; what is missing beside it may come later.
    func requireLast() throws(Problem) {
        let last = (groups.flatMap(\.places).max() ?? 0)
        let wrong = problems().filter { $0.rowIndex == last || $0.code == .tooManyRows }
        guard !wrong.isEmpty else { return }
        var problem = Problem(MappingProblems(wrong))
        let prefix = "/mappings/\(last)"
        problem.errors = problem.errors.map { item in
            var item = item
            item.pointer = item.pointer.map { $0.dropping(prefix) ?? "" }
            return item
        }
        problem.pointer = problem.errors.first?.pointer
        throw problem
    }
}
