internal import ConnectorKit

/// Which parts a part points at.
///
/// Source: ECMA-376 part 2, clause 6.5 (relationships) and 6.2 (part names).
struct Relations {
    struct Relation: Equatable {
        /// The type's last step: `worksheet`, `sharedStrings`. The steps before it differ between the transitional and the
        /// strict form and say no more.
        var type: String
        /// A part's name without a slash before it.
        var target: String
    }

    /// By id, those to parts of the same workbook only.
    private(set) var byID: [String: Relation] = [:]

    /// Reads the relations of a part; `""` stands for the package itself.
    init(of part: String, in archive: ZipArchive, _ context: OperationContext) throws(ConnectorFailure) {
        let folder = part.split(separator: "/").dropLast().map(String.init)
        let name = part.split(separator: "/").last.map(String.init) ?? ""
        let path = (folder + ["_rels", "\(name).rels"]).joined(separator: "/")
        let listener = Listener(folder)
        let part = try archive.part(path, maxBytes: archive.limits.smallPartBytes)
        try XMLReader(part, listener, context).advance()
        byID = listener.byID
    }

    /// The first part of a type.
    func target(ofType type: String) -> String? {
        byID.filter { $0.value.type == type }.min { $0.key < $1.key }?.value.target
    }

    private final class Listener: XMLListener {
        private let folder: [String]
        var byID: [String: Relation] = [:]

        init(_ folder: [String]) {
            self.folder = folder
        }

        func started(_ name: String, _ attributes: XMLAttributes) {
            guard name == "Relationship", attributes.value("TargetMode") != "External",
                let id = attributes.value("Id"), let type = attributes.value("Type"),
                let target = attributes.value("Target")
            else { return }
            let lastStep = type.split(separator: "/").last.map(String.init) ?? type
            byID[id] = Relation(type: lastStep, target: Relations.partName(target, from: folder))
        }

        func ended(_ name: String) {}
    }

    /// The part that a target names, from the folder of the part that points at it.
    static func partName(_ target: String, from folder: [String]) -> String {
        let path = String(target.map { $0 == "\\" ? "/" : $0 })
        var steps = path.hasPrefix("/") ? [] : folder
        for step in path.split(separator: "/") where step != "." {
            if step == ".." {
                steps = Array(steps.dropLast())
            } else {
                steps.append(String(step))
            }
        }
        return steps.joined(separator: "/")
    }
}
