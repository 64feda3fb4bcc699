namespace QSim.CudaDriver.Driver;

/// <summary>What the driver's functions return, by CUDA's numbers.</summary>
internal enum CudaResult
{
    /// <summary>Done, or queued.</summary>
    Success = 0,

    /// <summary>An argument makes no sense.</summary>
    InvalidValue = 1,

    /// <summary>No room.</summary>
    OutOfMemory = 2,

    /// <summary>The thread has none.</summary>
    InvalidContext = 201,

    /// <summary>A text that is no PTX.</summary>
    InvalidPtx = 218,

    /// <summary>A handle of nothing.</summary>
    InvalidHandle = 400,

    /// <summary>No kernel of that name.</summary>
    NotFound = 500,

    /// <summary>A kernel faulted: nothing works from then on.</summary>
    IllegalAddress = 700,

    /// <summary>More threads or shared memory than a group may have.</summary>
    LaunchOutOfResources = 701,
}

/// <summary>Ends a call with a result.</summary>
internal sealed class CudaException(CudaResult result, string message) : Exception(message)
{
    /// <summary>What is returned.</summary>
    public CudaResult Result => result;
}
