using QSim.CudaDriver.Driver;

namespace QSim.Kernels.Tests.Cuda;

/// <summary>Instructions where the PTX manual differs from C#, or is easily misread.</summary>
public class InstructionTests
{
    [Theory]
    [InlineData("mov.b32 r1,5; shl.b32 r2,r1,32;", 0)]
    [InlineData("mov.b32 r1,5; shl.b32 r2,r1,31;", 0x80000000)]
    [InlineData("mov.b32 r1,0x80000000; shr.s32 r2,r1,40;", 0xFFFFFFFF)]
    [InlineData("mov.b32 r1,0x80000000; shr.u32 r2,r1,32;", 0)]
    [InlineData("mov.b32 r1,-7; div.s32 r2,r1,2;", 0xFFFFFFFD)]
    [InlineData("mov.b32 r1,-7; rem.s32 r2,r1,2;", 0xFFFFFFFF)]
    [InlineData("mov.b32 r1,-7; div.u32 r2,r1,2;", 0x7FFFFFFC)]
    [InlineData("mov.b32 r1,0x80000000; div.s32 r2,r1,-1;", 0x80000000)]
    [InlineData("mov.b32 r1,0x7FFFFFFF; add.s32 r2,r1,1;", 0x80000000)]
    [InlineData("mov.b32 r1,-2; min.u32 r2,r1,3;", 3)]
    [InlineData("mov.b32 r1,-2; min.s32 r2,r1,3;", 0xFFFFFFFE)]
    [InlineData("mov.b32 r1,3; mov.b32 r3,4; mad.lo.s32 r2,r1,r3,-13;", 0xFFFFFFFF)]
    [InlineData("mov.b32 r1,1; setp.lo.u32 p0,r1,-1; selp.b32 r2,10,20,p0;", 10)]
    [InlineData("mov.b32 r1,1; setp.lt.s32 p0,r1,-1; selp.b32 r2,10,20,p0;", 20)]
    [InlineData("mov.pred p1,1; mov.b32 r1,9; setp.ge.and.s32 p0,r1,9,p1; selp.b32 r2,1,0,p0;", 1)]
    [InlineData("mov.pred p1,0; mov.b32 r1,9; setp.ge.and.s32 p0,r1,9,p1; selp.b32 r2,1,0,p0;", 0)]
    [InlineData("mov.pred p1,1; mov.b32 r1,8; setp.ge.or.s32 p0,r1,9,p1; selp.b32 r2,1,0,p0;", 1)]
    [InlineData(
        "mov.b32 r1,0x01FF80FE; mov.b32 r3,0x01020304; dp4a.s32.s32 r2,r1,r3,10;", 0xFFFFFE81)]
    [InlineData("mov.b32 r1,0x01FF80FE; mov.b32 r3,0x01020304; dp4a.u32.s32 r2,r1,r3,10;", 0x781)]
    [InlineData("mov.f32 f1,0f7FC00000; setp.geu.f32 p0,f1,0f00000000; selp.b32 r2,1,0,p0;", 1)]
    [InlineData("mov.f32 f1,0f7FC00000; setp.ge.f32 p0,f1,0f00000000; selp.b32 r2,1,0,p0;", 0)]
    [InlineData("mov.f32 f1,0f7FC00000; setp.ne.f32 p0,f1,0f00000000; selp.b32 r2,1,0,p0;", 0)]
    [InlineData("mov.f32 f1,0f7FC00000; setp.neu.f32 p0,f1,0f00000000; selp.b32 r2,1,0,p0;", 1)]
    [InlineData("mov.f32 f1,0f7FC00000; max.f32 f2,f1,0f3F800000; mov.b32 r2,f2;", 0x3F800000)]
    [InlineData("mov.f32 f1,0fC0200000; cvt.rzi.s32.f32 r2,f1;", 0xFFFFFFFE)]
    [InlineData("mov.f32 f1,0f4F800000; cvt.rzi.s32.f32 r2,f1;", 0x7FFFFFFF)]
    [InlineData("mov.f32 f1,0f7FC00000; cvt.rzi.s32.f32 r2,f1;", 0)]
    [InlineData("mov.f64 g1,0d7FF8000000000000; cvt.rzi.s32.f64 r2,g1;", 0x80000000)]
    [InlineData("mov.f64 g1,0d7FF8000000000000; cvt.rzi.u32.f64 r2,g1;", 0x80000000)]
    [InlineData("mov.b32 r1,0x1FE; cvt.s8.s32 r2,r1;", 0xFFFFFFFE)]
    [InlineData("mov.b32 r1,0x1FE; cvt.u8.u32 r2,r1;", 0xFE)]
    [InlineData("mov.b32 r1,0x18000; cvt.s16.u32 r2,r1;", 0xFFFF8000)]
    [InlineData("mov.b64 d2,0x8000008000000001; cvt.rn.f32.u64 f1,d2; mov.b32 r2,f1;", 0x5F000001)]
    [InlineData("mov.f32 f1,0f7F800000; sub.f32 f2,f1,f1; mov.b32 r2,f2;", 0x7FFFFFFF)]
    [InlineData("mov.f32 f1,0f7F800000; mul.f32 f2,f1,0f00000000; mov.b32 r2,f2;", 0x7FFFFFFF)]
    [InlineData("mov.b32 r1,0x1000001; cvt.rn.f32.s32 f1,r1; mov.b32 r2,f1;", 0x4B800000)]
    public void Instruction_Of32Bits_GivesWhatTheManualSays(string body, uint expected) =>
        Assert.Equal([expected], Interpreted.Run(body + " cvt.u64.u32 d1,r2;"));

    [Theory]
    [InlineData("mov.b64 d2,-8; shr.s64 d1,d2,64;", ulong.MaxValue)]
    [InlineData("mov.b64 d2,-8; shr.u64 d1,d2,64;", 0)]
    [InlineData("mov.b64 d2,1; shl.b64 d1,d2,64;", 0)]
    [InlineData("mov.b32 r1,-1; mul.wide.u32 d1,r1,4;", 0x3FFFFFFFC)]
    [InlineData("mov.b32 r1,-1; cvt.s64.s32 d1,r1;", ulong.MaxValue)]
    [InlineData("mov.b32 r1,-1; cvt.u64.u32 d1,r1;", 0xFFFFFFFF)]
    [InlineData("mov.b64 d2,0x8000000000000000; div.s64 d1,d2,-1;", 0x8000000000000000)]
    [InlineData("mov.b64 d2,5; setp.hi.u64 p0,d2,-1; not.pred p1,p0; selp.b64 d1,7,8,p1;", 7)]
    [InlineData(
        "mov.f64 g1,0dC004000000000000; cvt.rmi.f64.f64 g2,g1; mov.b64 d1,g2;",
        0xC008000000000000)]
    [InlineData("mov.f64 g1,0d43F0000000000000; cvt.rzi.s64.f64 d1,g1;", long.MaxValue)]
    [InlineData("mov.f32 f1,0f7FC00000; cvt.rzi.s64.f32 d1,f1;", 0x8000000000000000)]
    [InlineData("mov.b64 d2,-2; st.global.b64 [d0],d2; ld.global.s32 d1,[d0];", ulong.MaxValue - 1)]
    public void Instruction_Of64Bits_GivesWhatTheManualSays(string body, ulong expected) =>
        Assert.Equal([expected], Interpreted.Run(body));

    /// <summary>(2^12 + 1)^2 - 2^24 is 8193; the product rounded first leaves 8192.</summary>
    [Theory]
    [InlineData("mul.f32 f2,f1,f1; sub.f32 f3,f2,0f4B800000;", 0x46000400)]
    [InlineData("mul.f32 f2,f1,f1; sub.f32 f3,0f4B800000,f2;", 0xC6000400)]
    [InlineData(
        "mul.f32 f2,f1,f1; st.global.f32 [d0],f2; sub.f32 f3,f2,0f4B800000;", 0x46000400)]
    [InlineData("mul.rn.f32 f2,f1,f1; sub.f32 f3,f2,0f4B800000;", 0x46000000)]
    [InlineData("mul.f32 f2,f1,f1; sub.rn.f32 f3,f2,0f4B800000;", 0x46000000)]
    [InlineData("mul.f32 f2,f1,f1; mov.f32 f1,0f00000000; sub.f32 f3,f2,0f4B800000;", 0x46000000)]
    public void SumOfAProduct_IsRoundedOnceWhereNothingForbidsIt(string body, uint expected) =>
        Assert.Equal(
            [expected],
            Interpreted.Run($"mov.f32 f1,0f45800800; {body} mov.b32 r2,f3; cvt.u64.u32 d1,r2;"));

    [Fact]
    public void BranchTable_GoesWhereTheNumberSays() => Assert.Equal(
        [30, 10, 20],
        Interpreted.Run(
            """
            add.u32 r1,r0,2; rem.u32 r1,r1,3;
            T: .branchtargets A, B, C;
            brx.idx.uni r1, T;
            A: mov.b64 d1,10; bra.uni E;
            B: mov.b64 d1,20; bra.uni E;
            C: mov.b64 d1,30;
            E:
            """,
            threads: 3));

    [Fact]
    public void SharedMemory_BehindABarrier_IsWhatTheOthersWrote() => Assert.Equal(
        [1, 2, 3, 0],
        Interpreted.Run(
            """
            mov.u32 r1,common; shl.b32 r2,r0,2; add.u32 r2,r2,r1; st.shared.b32 [r2],r0;
            bar.sync 0;
            add.u32 r3,r0,1; rem.u32 r3,r3,4; shl.b32 r3,r3,2; add.u32 r3,r3,r1;
            ld.shared.b32 r4,[r3]; cvt.u64.u32 d1,r4;
            """,
            threads: 4));

    [Theory]
    [InlineData("cp.async.commit_group; cp.async.wait_group 0;", 0x0000000700000007)]
    [InlineData("cp.async.commit_group; cp.async.wait_group 1;", 0x7B7B7B7B7B7B7B7B)]
    [InlineData("cp.async.wait_group 0;", 0x7B7B7B7B7B7B7B7B)]
    public void AsyncCopy_IsThereOnceItWasWaitedFor(string wait, ulong expected) => Assert.Equal(
        expected,
        Interpreted.Run(
            $"""
            mov.b64 d2,0x700000007; st.global.b64 [d0],d2; mov.u32 r1,common;
            setp.eq.u32 p0,r0,0; @!p0 bra END;
            cp.async.cg.shared.global [r1],[d15],16; {wait}
            ld.shared.b64 d1,[r1];
            END:
            """,
            threads: 2)[0]);

    [Theory]
    [InlineData(
        "sm_75", "cp.async.commit_group;", "line 11: 'cp' needs sm_80, the target is sm_75")]
    [InlineData(
        "sm_60", "dp4a.s32.s32 r1,r2,r3,r4;", "line 11: 'dp4a' needs sm_61, the target is sm_60")]
    [InlineData("sm_100", "", "test: sm_100 on a card of sm_90")]
    [InlineData("sm_90", "frob;", "line 11: 'frob' is not known here")]
    public void Text_ForAnotherCard_IsRefused(string target, string line, string what)
    {
        string text = Interpreted.Text(line).Replace("sm_80", target);
        Assert.Equal(what, Assert.Throws<CudaException>(() => new Card().Load(text)).Message);
    }

    [Theory]
    [InlineData("add.s32 r1,r2,d3;", "'d3' is .b64, where .s32 is wanted")]
    [InlineData("add.s32 r1,r2,r99;", "'r99' is neither a register nor a number")]
    [InlineData("add.s32 r1,r2;", "add.s32 takes 3 operands")]
    [InlineData("add.s32 r1,f1,r2;", "'f1' is .f32, where .s32 is wanted")]
    [InlineData("shl.b64 d1,d2,d3;", "'d3' is .b64, where .u32 is wanted")]
    [InlineData("frob.s32 r1,r2,r3;", "'frob.s32' is not known here")]
    [InlineData("ex2.approx.f32 f1,f2;", "'ex2.approx.f32' is not known here")]
    [InlineData("bra NOWHERE;", "there is no label 'NOWHERE'")]
    [InlineData(".reg .b32 r1;", "'r1' is declared twice")]
    [InlineData("ld.const.b32 r1,[d1];", "'const' is no space known here")]
    [InlineData("mov.u32 %tid.x,3;", "'%tid.x' cannot be written")]
    [InlineData("mov.u32 5,3;", "'5' is no register")]
    [InlineData("cvt.s32.f32 r1,f1;", "'cvt.s32.f32' is not known here")]
    [InlineData("cvt.rn.s32.f32 r1,f1;", "'cvt.rn.s32.f32' is not known here")]
    [InlineData("bar.sync 1;", "'bar.sync' is not known here")]
    public void Text_ThatAnAssemblerRefuses_IsRefusedByItsLine(string line, string what)
    {
        CudaException e = Assert.Throws<CudaException>(() => Interpreted.Run(line));
        Assert.Equal((CudaResult.InvalidPtx, $"line 11: {what}"), (e.Result, e.Message));
    }
}
