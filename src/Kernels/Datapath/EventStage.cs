namespace QSim.Kernels.Datapath;

/// <summary>The stages of a layer at which a conversion can change a value.</summary>
public enum EventStage
{
    /// <summary>Exact product into the product format.</summary>
    Product,

    /// <summary>Sum into the accumulator format.</summary>
    Accumulator,

    /// <summary>Accumulator into the output format.</summary>
    Output,

    /// <summary>
    /// Softmax: the largest input less an input, into the format that addresses the table.
    /// </summary>
    Difference,

    /// <summary>Softmax: a table entry into the format of the sum.</summary>
    Exponential,

    /// <summary>Softmax: the sum into the format that addresses the table of reciprocals.</summary>
    Inverse,
}
