package import Mapping

/// What a cell of a table of texts says beside a value.
package enum Cell {
    /// Erases the field. A cell that is nil says nothing.
    package static let erased = "\u{0}erase"
}

extension MappedBatch {
    /// People from a table of texts: the target fields' names, then a row of cells for each record.
    package static func people(
        _ names: [String],
        _ rows: [[String?]],
        firstLine: Int64 = 2,
        write: [String: WriteRule] = [:]
    ) -> MappedBatch {
        table(.users, names, rows, firstLine: firstLine, write: write)
    }

    /// The same for any entity.
    package static func table(
        _ entity: Entity,
        _ names: [String],
        _ rows: [[String?]],
        firstLine: Int64 = 2,
        write: [String: WriteRule] = [:]
    ) -> MappedBatch {
        MappedBatch(
            entity: entity,
            count: rows.count,
            columns: names.enumerated().map { position, name in
                MappedColumn(
                    target: entity.fields.first { $0.name == name } ?? TargetField(name),
                    write: write[name] ?? .always,
                    cells: rows.map { $0[position] }
                )
            },
            accepted: rows.indices.map { Int32($0) },
            locators: rows.indices.map { firstLine + Int64($0) }
        )
    }
}

extension MappedColumn {
    fileprivate init(target: TargetField, write: WriteRule, cells: [String?]) {
        var states: [UInt8] = []
        var offsets: [Int32] = [0]
        var bytes: [UInt8] = []
        for cell in cells {
            switch cell {
            case nil: states.append(ValueState.absent.rawValue)
            case Cell.erased: states.append(ValueState.erase.rawValue)
            case let text?:
                states.append(ValueState.value.rawValue)
                bytes += text.utf8
            }
            offsets.append(Int32(bytes.count))
        }
        self.init(target: target, write: write, states: states, offsets: offsets, bytes: bytes)
    }
}
