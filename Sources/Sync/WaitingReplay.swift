internal import Columns
internal import Mapping
internal import Store
internal import Time

extension SyncWorker {
    /// Maps and applies again what rejects of the tenant's earlier runs wait for: enrolments whose person or course was not
    /// known, of any config.
    func retryWaiting(_ lease: RunLease) async throws {
        var mappings: [WaitingOrigin: CompiledMapping?] = [:]
        while true {
            let page = try await store.waitingRejects(lease, limit: Self.waitingPage)
            if page.isEmpty { return }
            for group in Self.groups(page) {
                try Task.checkCancellation()
                let origin = group[0].origin
                if mappings[origin] == nil {
                    mappings[origin] = .some(try await mapping(of: origin, lease))
                }
                let mapping = mappings[origin] ?? nil
                _ = try await store.retry(
                    WaitingRetry(
                        origin: origin,
                        rejects: group.map(\.number),
                        batch: try mapping.flatMap { try mapped(group, $0) }
                    ),
                    lease: lease,
                    now: now()
                )
            }
        }
    }

    private static let waitingPage = 1_024

    /// Records of one origin, whose fields have names or have none.
    private static func groups(_ rejects: [WaitingReject]) -> [[WaitingReject]] {
        var groups: [[WaitingReject]] = []
        for reject in rejects {
            if let last = groups.last?.last, last.origin == reject.origin, last.isNamed == reject.isNamed {
                groups[groups.count - 1].append(reject)
            } else {
                groups.append([reject])
            }
        }
        return groups
    }

    /// The newest mapping of the stream, or else the one that the run had which rejected the records; nil if neither can be
    /// used any more.
    private func mapping(of origin: WaitingOrigin, _ lease: RunLease) async throws -> CompiledMapping? {
        for version in [nil, origin.mappingVersion] {
            let sets: [MappingSet]
            do throws(StoreError) {
                sets = try await store.mappings(config: origin.config, version: version, tenant: lease.job.tenant)
            } catch {
                // The config was deleted meanwhile.
                guard error.code == .notFound else { throw error }
                return nil
            }
            guard let set = sets.first(where: { $0.stream == origin.stream && $0.entity == origin.entity }) else {
                continue
            }
            let environment = try await MappingSurroundings(store: store)
                .environment(for: [set], tenant: lease.job.tenant)
            do throws(MappingProblems) {
                return try CompiledMapping.compile(set, source: nil, environment: environment)
            } catch {
                continue  // Saved when other functions were there: the older one may still be good.
            }
        }
        return nil
    }

    /// nil for records of which only the text is known.
    private func mapped(_ group: [WaitingReject], _ mapping: CompiledMapping) throws -> MappedBatch? {
        guard group[0].isNamed else { return nil }
        var batch = mapping.apply(Batch(records: group.map(\.raw)), today: try today())
        batch.locators = group.map(\.locator)
        return batch
    }
}

extension WaitingReject {
    fileprivate var isNamed: Bool { raw.isNamed }
}

extension [RawField] {
    /// Whether it is a record with fields, not one that its source spoiled.
    var isNamed: Bool { !isEmpty && allSatisfy { !$0.name.isEmpty } }
}

extension Batch {
    /// The records' source fields, as texts; what a record doesn't have is absent.
    init(records: [[RawField]]) {
        var names: [String] = []
        for field in records.joined() where !names.contains(field.name) { names.append(field.name) }
        let columns = names.map { name in
            var column = TextColumnBuilder(rows: records.count)
            for record in records {
                if let value = record.first(where: { $0.name == name })?.value {
                    column.append(value)
                } else {
                    column.appendNull()
                }
            }
            return column.finish(name: name)
        }
        let absent = records.map { record in
            Set(names.indices.filter { place in !record.contains { $0.name == names[place] && !$0.isAbsent } })
        }
        let absence = absent.contains { !$0.isEmpty } ? [AbsentValues.column(absent)] : []
        self.init(columns: columns + absence, count: records.count)
    }
}
