# One image, every service: the command says which. Builds with and without BuildKit.
#
# Behind a proxy with a certificate of its own, give --build-arg JDK=… with an image that trusts it.
ARG JDK=eclipse-temurin:25-jdk
ARG JRE=eclipse-temurin:25-jre

FROM ${JDK} AS build
WORKDIR /src
COPY . .
RUN ./mvnw -q -B -Dmaven.test.skip=true -pl gateway -am package \
 && mkdir /options && deploy/image-options gateway/target/dist/lib /options

FROM ${JRE}
# Volumes take their owner from the folders that they are mounted on.
RUN groupadd --gid 10001 postern \
 && useradd --uid 10001 --gid postern --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin postern \
 && install -d -o postern -g postern -m 700 /secrets /secrets/transit /secrets/recipient /secrets/tls /secrets/s3 /data \
 && mkdir -p /opt/postern /etc/postern
COPY --from=build /src/gateway/target/dist/lib /opt/postern/lib
COPY --from=build /options /opt/postern/
# All services, once: the JVM keeps which classes a start needs, which makes starts twice as fast.
RUN java @/opt/postern/rehearse /tmp/rehearsal && rm -r /tmp/rehearsal
USER 10001:10001
# A postern.yaml may be mounted here.
WORKDIR /etc/postern
ENV POSTERN_DATA=/data
EXPOSE 2525 2465 2110 2995 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["java", "@/opt/postern/health"]
ENTRYPOINT ["java", "@/opt/postern/postern"]
CMD ["--help"]
