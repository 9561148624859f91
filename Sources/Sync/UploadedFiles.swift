package import Identifiers
package import Store

/// The files that were uploaded for configs, as a run's input.
package struct UploadedFiles: InputFiles {
    private let store: any FileStore
    private let path: @Sendable (StoredFile) -> String

    /// - Parameter path: where a file's content lies.
    package init(store: any FileStore, path: @escaping @Sendable (StoredFile) -> String) {
        self.store = store
        self.path = path
    }

    package func inputFile(_ id: UUID, tenant: UUID) async throws -> InputFile? {
        guard let file = try await store.file(id, tenant: tenant) else { return nil }
        return InputFile(
            name: file.draft.name,
            path: path(file),
            size: file.draft.size,
            sha256: Self.hex(file.draft.sha256)
        )
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
