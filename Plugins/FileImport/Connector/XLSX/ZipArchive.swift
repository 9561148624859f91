internal import CZip
internal import ConnectorKit

/// An open archive, its files by name. Its parts are read one or more at a time, by one thread.
@safe
final class ZipArchive {
    let file: InputFile
    let limits: WorkbookLimits
    let directory: ZipDirectory
    // Owned by this object alone, freed in deinit; parts hold on to the archive.
    private let handle: OpaquePointer
    private let source: ZipSource
    private let indexes: [String: UInt64]
    /// As `indexes`, in lower case: part names of the packaging conventions don't tell case apart (ECMA-376 part 2, 6.2.2.3).
    private let lowerCaseIndexes: [String: UInt64]

    init(_ file: InputFile, _ limits: WorkbookLimits) throws(ConnectorFailure) {
        self.file = file
        self.limits = limits
        directory = try ZipDirectory(of: file, limits)
        source = ZipSource(file)
        guard let input = unsafe source.makeSource() else { throw Self.noMemory(file) }
        var error = unsafe zip_error_t()
        unsafe zip_error_init(&error)
        defer { unsafe zip_error_fini(&error) }
        guard let handle = unsafe zip_open_from_source(input, ZIP_RDONLY, &error) else {
            unsafe zip_source_free(input)
            let reason = unsafe String(cString: zip_error_strerror(&error))
            throw source.failure ?? WorkbookFailure.damaged(file.name, reason)
        }
        unsafe self.handle = unsafe handle
        let count = unsafe zip_get_num_entries(handle, 0)
        guard count <= limits.entries else {
            unsafe zip_discard(handle)
            throw WorkbookFailure.tooLarge(file.name, "it holds \(count) files, a workbook may hold \(limits.entries)")
        }
        var indexes: [String: UInt64] = [:]
        var lowerCaseIndexes: [String: UInt64] = [:]
        for index in 0..<UInt64(max(0, count)) {
            guard let bytes = unsafe zip_get_name(handle, index, zip_flags_t(ZIP_FL_ENC_RAW)) else { continue }
            // Some programs write the separators of Windows. Of two parts with one name the later counts, as in Excel.
            let name = unsafe String(String(cString: bytes).map { $0 == "\\" ? "/" : $0 })
            indexes[name] = index
            lowerCaseIndexes[name.lowercased()] = index
        }
        self.indexes = indexes
        self.lowerCaseIndexes = lowerCaseIndexes
    }

    deinit {
        unsafe zip_discard(handle)
    }

    /// Whether there is a part, by its name without a slash before it.
    func has(_ name: String) -> Bool {
        index(of: name) != nil
    }

    private func index(of name: String) -> UInt64? {
        indexes[name] ?? lowerCaseIndexes[name.lowercased()]
    }

    /// Opens a part, from its start.
    func part(_ name: String, maxBytes: Int) throws(ConnectorFailure) -> ZipPart {
        guard let index = index(of: name) else { throw WorkbookFailure.partMissing(file.name, name) }
        var status = unsafe zip_stat_t()
        guard unsafe zip_stat_index(handle, index, 0, &status) == 0 else {
            throw WorkbookFailure.damaged(file.name, "the part \(name) is not where the list of files says")
        }
        guard unsafe Int32(status.encryption_method) == ZIP_EM_NONE else { throw WorkbookFailure.encrypted(file.name) }
        guard let part = unsafe zip_fopen_index(handle, index, 0) else {
            let failure = unsafe failure(zip_get_error(handle), name)
            throw failure
        }
        return unsafe ZipPart(
            part,
            name: name,
            of: self,
            size: Int(clamping: status.size),
            packedSize: Int(clamping: status.comp_size),
            maxBytes: maxBytes
        )
    }

    /// What libzip says of a part, unless the file under it couldn't be read.
    func failure(_ error: UnsafeMutablePointer<zip_error_t>, _ part: String) -> ConnectorFailure {
        if let failure = source.failure { return failure }
        if unsafe zip_error_code_zip(error) == ZIP_ER_CRC {
            return WorkbookFailure.damaged(file.name, "the checksum of its part \(part) is wrong")
        }
        return unsafe WorkbookFailure.damaged(file.name, "\(part): \(String(cString: zip_error_strerror(error)))")
    }

    private static func noMemory(_ file: InputFile) -> ConnectorFailure {
        ConnectorFailure(
            .internalError,
            code: "out_of_memory",
            message: "There is no memory left to open \(file.name)."
        )
    }
}
