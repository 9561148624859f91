package import Crypto
package import Identifiers
package import Mapping

extension PreparedBatch {
    /// Finds out what needs no database: for the pool, before the writer's turn.
    ///
    /// * `source`, `locatorKind`: what was read (a file's name), and what its locators count (`line`).
    /// * `hashKey`: the installation's, 16 bytes.
    package static func prepare(
        _ mapped: MappedBatch,
        source: String,
        locatorKind: String,
        hashKey: [UInt8],
        tenant: UUID,
        policy: Policy
    ) -> PreparedBatch {
        guard let key = SipHash(key: hashKey) else {
            preconditionFailure("an installation's hash key has 16 bytes, this one \(hashKey.count)")
        }
        return prepare(
            mapped,
            source: source,
            locatorKind: locatorKind,
            key: key,
            tenant: tenant,
            policy: policy
        )
    }

    /// The same with the key as the hash takes it.
    package static func prepare(
        _ mapped: MappedBatch,
        source: String,
        locatorKind: String,
        key: SipHash,
        tenant: UUID,
        policy: Policy
    ) -> PreparedBatch {
        let mapped = mapped.refusingRowsWithoutKey()
        let accepted = mapped.accepted
        let order = mapped.column("external_id").map { KeyOrder($0, accepted: accepted) }
        func directoryKeys(_ kind: DirectoryKind, _ field: String) -> [UInt64] {
            guard let column = mapped.column(field) else { return [] }
            return DirectoryKeys(key: key, tenant: tenant, entity: mapped.entity, kind: kind)
                .keys(of: column, rows: accepted, count: mapped.count)
        }
        var prepared = PreparedBatch(
            mapped: mapped,
            order: order?.rows ?? accepted,
            hashes: RowHash.hashes(of: mapped, key: key),
            emailKeys: directoryKeys(.email, "email"),
            source: source,
            locatorKind: locatorKind
        )
        prepared.isInKeyOrder = order?.wasSorted ?? true
        prepared.repeats = order?.repeats ?? []
        if policy.match.contains(.username) { prepared.usernameKeys = directoryKeys(.username, "username") }
        if policy.match.contains(.externalID) { prepared.externalIDKeys = directoryKeys(.externalID, "external_id") }
        if let column = mapped.column("manager_external_id") {
            prepared.managers = References(column, mapped.column("external_id"), prepared.order, mapped, key: key)
        }
        return prepared
    }
}

extension MappedBatch {
    package func column(_ name: String) -> MappedColumn? {
        columns.first { $0.target.name == name }
    }

    /// A mapping requires the key; a row that came without one all the same could be nobody.
    fileprivate func refusingRowsWithoutKey() -> MappedBatch {
        guard entity.fields.contains(where: { $0.name == "external_id" && $0.isRequired }) else { return self }
        let keys = column("external_id")
        func hasKey(_ row: Int) -> Bool {
            guard let keys else { return false }
            return keys.states[row] == ValueState.value.rawValue && keys.offsets[row] < keys.offsets[row + 1]
        }
        guard !accepted.allSatisfy({ hasKey(Int($0)) }) else { return self }
        var batch = self
        batch.accepted = accepted.filter { hasKey(Int($0)) }
        batch.rejects += accepted.filter { !hasKey(Int($0)) }.map { row in
            RowReject(
                row: row,
                locator: locators[Int(row)],
                key: nil,
                failures: [.withoutKey],
                raw: raw?(Int(row)) ?? mappedFields(Int(row))
            )
        }
        batch.rejects.sort { $0.row < $1.row }
        return batch
    }

    /// A row's mapped values, where its source is not at hand.
    package func mappedFields(_ row: Int) -> [RawField] {
        columns.map { RawField(name: $0.target.name, value: $0.text(row)) }
    }
}
