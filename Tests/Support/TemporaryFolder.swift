internal import FoundationEssentials

/// A new folder under the system's temporary folder, removed with everything in it when the value is released.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trainflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("\(path) stays behind: \(error)")
        }
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    package func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    package func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name))
    }
}

extension TemporaryFolder {
    /// The files below one of its folders, with their folders' names, in order; empty where there is no such folder.
    package func list(_ name: String) throws -> [String] {
        guard exists(name) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: file(name)).sorted().filter { entry in
            let attributes = try FileManager.default.attributesOfItem(atPath: file("\(name)/\(entry)"))
            return attributes[.type] as? FileAttributeType == .typeRegular
        }
    }
}
