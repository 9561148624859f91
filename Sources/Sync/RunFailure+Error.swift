internal import ConnectorHost
internal import Mapping
package import Store

extension RunFailure {
    /// Any error of an attempt, by its class, in words for the tenant's people: the run keeps them. What more there is to say
    /// is for the log.
    package init(_ error: any Error) {
        switch error {
        case let error as ConnectorError:
            self.init(
                errorClass: error.errorClass.rawValue,
                code: error.code,
                message: error.tenantMessage,
                hint: error.setting.map { "The setting is \($0)." } ?? ""
            )
        case let error as MappingProblems:
            self.init(
                errorClass: "config",
                code: "mapping_invalid",
                message: error.description,
                hint: "Correct the mapping (or the file's header) and run again."
            )
        case let error as StoreError:
            self.init(errorClass: Self.errorClass(of: error), code: "store_\(error.code)", message: error.tenantMessage)
        case is CancellationError:
            self.init(errorClass: "cancelled", code: "cancelled", message: "The run was cancelled.")
        default:
            self.init(
                errorClass: "internal",
                code: "unexpected",
                message: "Something went wrong inside TrainFlow. Whoever runs it finds what in its log."
            )
        }
    }

    /// A full disk or a broken file does not mend itself by trying again at once.
    private static func errorClass(of error: StoreError) -> String {
        switch error.code {
        case .busy, .unavailable: "unavailable"
        case .accounts, .bug: "internal"
        default: "config"
        }
    }
}
