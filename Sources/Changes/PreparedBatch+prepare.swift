package import Crypto
package import Identifiers
package import Mapping

extension PreparedBatch {
    /// Finds out what needs no database: for the pool, before the writer's turn.
    ///
    /// * `source`, `locatorKind`: what was read (a file's name), and what its locators count (`line`).
    /// * `hashKey`: the installation's, 16 bytes.
    /// * `identifies`: false where most rows will be unchanged: the others are identified by whoever decides about them.
    package static func prepare(
        _ mapped: MappedBatch,
        source: String,
        locatorKind: String,
        hashKey: [UInt8],
        tenant: UUID,
        policy: Policy,
        identifies: Bool = true
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
            policy: policy,
            identifies: identifies
        )
    }

    /// The same with the key as the hash takes it.
    package static func prepare(
        _ mapped: MappedBatch,
        source: String,
        locatorKind: String,
        key: SipHash,
        tenant: UUID,
        policy: Policy,
        identifies: Bool = true
    ) -> PreparedBatch {
        let mapped = mapped.refusingRowsWithoutKey()
        let keys = RecordKey.column(of: mapped)
        let order = keys.map { KeyOrder($0, accepted: mapped.accepted) }
        var prepared = PreparedBatch(
            mapped: mapped,
            order: order?.rows ?? mapped.accepted,
            hashes: RowHash.hashes(of: mapped, key: key),
            source: source,
            locatorKind: locatorKind
        )
        prepared.keys = keys
        prepared.isInKeyOrder = order?.wasSorted ?? true
        prepared.repeats = order?.repeats ?? []
        if identifies {
            prepared.identification = prepared.identify(mapped.accepted, key: key, tenant: tenant, policy: policy)
        }
        return prepared
    }

    /// Finds the keys of these rows in the directory, and which managers they name.
    package func identify(_ rows: [Int32], key: SipHash, tenant: UUID, policy: Policy) -> Identification {
        func directoryKeys(_ kind: DirectoryKind, _ field: String) -> [UInt64] {
            guard let column = mapped.column(field) else { return [] }
            return DirectoryKeys(key: key, tenant: tenant, entity: mapped.entity, kind: kind)
                .keys(of: column, rows: rows, count: mapped.count)
        }
        return Identification(
            emailKeys: directoryKeys(.email, "email"),
            usernameKeys: policy.match.contains(.username) ? directoryKeys(.username, "username") : [],
            externalIDKeys: policy.match.contains(.externalID) ? directoryKeys(.externalID, "external_id") : [],
            codeKeys: directoryKeys(.code, "code"),
            managers: references("manager_external_id", among: mapped.column("external_id"), rows, key),
            users: references("user_external_id", among: nil, rows, key),
            courses: references("course_external_id", among: nil, rows, key)
        )
    }

    /// - Parameter keys: external ids of this batch that may be the ones named.
    private func references(
        _ field: String,
        among keys: MappedColumn?,
        _ rows: [Int32],
        _ key: SipHash
    ) -> References {
        guard let column = mapped.column(field) else { return References() }
        return References(column, keys, order, mapped, rows: rows, key: key)
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
