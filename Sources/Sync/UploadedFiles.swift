internal import Crypto
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
            sha256: file.draft.sha256.hex
        )
    }
}
